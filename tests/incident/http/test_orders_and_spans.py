"""In what order lists come, and which incidents were opened, resolved, proposed or joined when."""

from datetime import UTC, datetime, timedelta

import pytest
from an_incident import AGENT, DECLARED, LOGGED, PROPOSED, resolved

from incident.events.family import BecameChild
from incident.terms.related import IncidentRef

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
# By title: days since it was opened and since it was resolved, and its priority.
TOLD = {"oldest": (9, 3, 2), "old": (6, None, 4), "recent": (4, 1, 1), "latest": (2, None, 3)}
NUMBERS = {"oldest": "INC0000030", "old": "INC0000010", "recent": "INC0000040"}


def ago(days):
    return (NOW - days * DAY).isoformat()


@pytest.fixture(scope="module")
async def four(shared_front):
    ids = {}
    for title, (opened, over, priority) in TOLD.items():
        number = NUMBERS.get(title, "INC0000020")
        told = {"title": title, "number": number, "at": NOW - opened * DAY, "priority": priority}
        facts = [LOGGED.model_copy(update=told)]
        facts += [] if over is None else [resolved(NOW - over * DAY)]
        facts += [PROPOSED, DECLARED] if title == "recent" else []
        if title == "latest":
            parent = IncidentRef(id=ids["old"], number=NUMBERS["old"])
            facts.append(BecameChild(parent=parent))
        ids[title] = await shared_front.exists(*facts)
    return shared_front


async def listed(front, **query):
    return [row["title"] for row in (await front.get("/incidents", AGENT, **query))["items"]]


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("number", ["old", "latest", "oldest", "recent"]),
        ("priority", ["recent", "oldest", "latest", "old"]),
        ("opened", ["oldest", "old", "recent", "latest"]),
        ("updated", ["oldest", "old", "recent", "latest"]),
    ],
)
async def test_a_list_comes_in_the_order_that_is_asked_for(four, sort, titles):
    assert await listed(four, sort=sort) == titles
    assert await listed(four, sort=f"-{sort}") == titles[::-1]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"opened_from": ago(6), "opened_before": ago(2)}, ["recent", "old"]),
        ({"opened_from": ago(5)}, ["latest", "recent"]),
        ({"opened_before": ago(6)}, ["oldest"]),
        ({"resolved_from": ago(3), "resolved_before": ago(1)}, ["oldest"]),
        ({"resolved_from": ago(4), "resolved_before": ago(0)}, ["recent", "oldest"]),
        ({"major": "declared"}, ["recent"]),
        ({"major": ["proposed", "reviewed"]}, []),
        ({"parent": NUMBERS["old"]}, ["latest"]),
        ({"number": NUMBERS["oldest"]}, ["oldest"]),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
async def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(four, query, titles):
    assert await listed(four, **query) == titles
    counts = await four.get("/incidents/counts", AGENT, **query)
    assert counts["total"] == len(titles)
