"""What a shift asks for: lists, searches and counts, each by the same rule of who sees what."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from an_incident import (
    AGENT,
    BREACHED,
    CALLER,
    COLLEAGUE,
    HOUR,
    LOGGED,
    STARTED,
    resolved,
)

from deskstream.cloudevent import Message
from deskstream.decider import Actor, Role
from deskstream.operating.rebuild import rebuild
from incident.events.conversation import CommentAdded, NoteAdded
from incident.events.holding import IncidentPutOnHold
from incident.events.triage import IncidentAssigned, IncidentEscalated
from incident.main import AGGREGATE
from incident.projections import copy_and_show_clocks
from incident.terms import EscalationKind, HoldReason, Restriction, Speaker

NOW = datetime.now(UTC)
NUMBERS = count(1)
NEWCOMER = Actor("Nia", Role.LEAD)
AUDITOR = Actor("Olga", Role.AUDITOR)
OUTSIDER = Actor("Paul", Role.AGENT, frozenset({"network"}))
MINE = IncidentAssigned(group="messaging", person="Dana")
OURS = IncidentAssigned(group="messaging")
THEIRS = IncidentAssigned(group="network", person="Paul")


def report(**different):
    told = {"at": NOW - HOUR, "number": f"INC{next(NUMBERS):07}"}
    return LOGGED.model_copy(update=told | different)


async def counted(front, asker, /, **query):
    answer = await front.send("GET", "/incidents/counts", asker, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(front, by, **query):
    return [row["title"] for row in (await front.get("/incidents", by, **query))["items"]]


async def one_of_each_kind(front):
    """Incidents, by their titles."""

    async def there_is(title, *facts, **different):
        facts = (report(title=title, **different), *facts)
        await front.exists(*facts)

    await there_is("new", service="mail", category="outage", organisation="acme")
    await there_is("mine", MINE, STARTED, priority=1)
    await there_is("ours", OURS, organisation="other", caller="Zoe", on_behalf_of=None)
    await there_is("theirs", THEIRS, NoteAdded(text="Suspect the quetzal patch."))
    await there_is("waiting", IncidentPutOnHold(reason=HoldReason.OTHER, text="A strike."))
    await there_is("done", resolved(NOW, text="The toner was changed."), BREACHED)
    await there_is("secret", THEIRS, restricted=Restriction.SECURITY, caller="Zoe")
    return front


@pytest.fixture
async def desk(front):
    return await one_of_each_kind(front)


@pytest.fixture(scope="module")
async def library(shared_front):
    """The same, to be read only."""
    return await one_of_each_kind(shared_front)


ASKED = [
    ({"open": True, "my_groups": True}, {"mine", "ours"}),
    ({"mine": True}, {"mine"}),
    ({"open": False}, {"done"}),
    ({"unassigned": True, "open": True}, {"new", "waiting"}),
    ({"status": ["new", "on_hold"], "service": "mail"}, {"new"}),
    ({"status": "on_hold"}, {"waiting"}),
    ({"priority": 1}, {"mine"}),
    ({"organisation": "other"}, {"ours"}),
    ({"caller": "Zoe"}, {"ours"}),
    ({"category": "outage"}, {"new"}),
    ({"hold_reason": "other"}, {"waiting"}),
    ({"person": "Paul"}, {"theirs"}),
    ({"group": ["network", "messaging"]}, {"mine", "ours", "theirs"}),
    ({"resolved_from": (NOW - HOUR).isoformat()}, {"done"}),
    ({"resolved_before": (NOW - HOUR).isoformat()}, set()),
    ({"opened_before": "1971-01-01T00:00:00Z"}, set()),
    ({"breached": True}, {"done"}),
    ({"text": "toner -strike"}, {"done"}),
    ({"text": "quetzal"}, {"theirs"}),
    ({"text": '"quetzal patch" or strike'}, {"theirs", "waiting"}),
]


@pytest.mark.parametrize(("query", "titles"), ASKED, ids=[", ".join(query) for query, _ in ASKED])
async def test_a_list_and_its_count_hold_what_is_asked_for(library, query, titles):
    assert set(await listed(library, AGENT, **query)) == titles
    for by in ("status", "group", "caller", "at_risk", "open"):
        counts = await counted(library, AGENT, by=by, **query)
        assert counts["total"] == len(titles)


async def test_who_asks_for_help_finds_nothing_by_what_is_internal(desk):
    escalated = IncidentEscalated(kind=EscalationKind.HIERARCHICAL, because="Gnu is furious.")
    await desk.exists(report(title="told"), escalated, CommentAdded(text="ibex", speaker="agent"))
    assert await listed(desk, AGENT, text="gnu") == ["told"]
    assert set(await listed(desk, AGENT, text="quetzal or gnu")) == {"told", "theirs"}
    for asker in (CALLER, COLLEAGUE):
        assert await listed(desk, asker, text="ibex") == ["told"]
        for internal in ("gnu", "quetzal", "furious or suspect", '"gnu is"'):
            assert await listed(desk, asker, text=internal) == []
            told = await counted(desk, asker, text=internal)
            assert told == {"counts": [], "total": 0, "complete": True}
        # nor by what is not there: of two that they see, each has words that they do not
        everything = await listed(desk, asker)
        assert await listed(desk, asker, text="-gnu") == everything
        assert await listed(desk, asker, text="nothing or -gnu") == everything
        assert await listed(desk, asker, text="ibex -gnu") == ["told"]


async def test_a_restricted_incident_is_found_by_those_who_hold_it(desk):
    assert await listed(desk, AGENT, text="secret") == []
    assert await listed(desk, OUTSIDER, text="secret") == ["secret"]
    assert (await counted(desk, NEWCOMER, text="secret"))["total"] == 0
    assert await listed(desk, AUDITOR, text="secret") == ["secret"]


async def test_mine_is_what_concerns_me_if_i_ask_for_help(desk):
    everything = {"new", "mine", "theirs", "waiting", "done"}
    assert set(await listed(desk, CALLER, mine=True)) == everything
    assert set(await listed(desk, COLLEAGUE)) == everything
    assert await listed(desk, COLLEAGUE, mine=True) == []
    assert await listed(desk, NEWCOMER, my_groups=True) == []


def clock(ticket, type_, position, **data):
    return message(type_, {"ticket": ticket, "target": "resolution", "cycle": 1} | data, position)


def message(type_, body, position):

    at = "2026-01-05T10:00:00+00:00"
    headers = {
        "ce_id": f"clock-1/{position}",
        "ce_type": type_,
        "ce_time": at,
        "ce_subject": "clock-1",
        "ce_source": "/sla-monitor",
        "ce_specversion": "1.0",
        "ce_recordedtime": at,
        "ce_correlationid": "c",
        "ce_actor": "x",
        "ce_depth": "0",
        "ce_streamversion": str(position),
        "ce_position": str(position),
    }
    return Message.of([(k, v.encode()) for k, v in headers.items()], json.dumps(body).encode())


async def take_in(front, *messages):
    async with front.pool.acquire() as connection, connection.transaction():
        await copy_and_show_clocks(connection, messages)


BY_TITLE = "SELECT title, stream FROM incidents"
SOON, LATER = "2026-06-01T10:00:00Z", "2026-06-02T10:00:00Z"


async def test_what_is_due_and_at_risk_comes_from_the_clocks(desk, database):
    named = {row["title"]: row["stream"] for row in await desk.pool.fetch(BY_TITLE)}
    mine, ours, theirs = named["mine"], named["ours"], named["theirs"]
    await take_in(
        desk,
        clock(ours, "clock.started.v1", 1, due_at=LATER),
        clock(mine, "clock.started.v1", 2, due_at=LATER),
        clock(mine, "clock.started.v1", 3, due_at=SOON, target="first_response"),
        clock(mine, "clock.warned.v1", 4, target="first_response", fraction=0.8),
        clock(theirs, "clock.started.v1", 5, due_at=SOON),
        clock(theirs, "clock.warned.v1", 6, fraction=0.8),
        clock(theirs, "clock.stopped.v1", 7),
        message("clock.started.v1", {"ticket": "problem-1", "target": "x", "cycle": 1}, 8),
    )

    async def as_it_is():
        assert (await listed(desk, AGENT, sort="due"))[:2] == ["mine", "ours"]
        assert (await listed(desk, AGENT, sort="-due"))[-2:] == ["ours", "mine"]
        assert await listed(desk, AGENT, at_risk=True) == ["mine"]
        assert await listed(desk, AGENT, due_before="2026-06-02T00:00:00Z") == ["mine"]

    await as_it_is()
    await rebuild(database, [AGGREGATE], "incidents")
    await as_it_is()
    await take_in(desk, clock(mine, "clock.breached.v1", 9, target="first_response",
        due_at=SOON, detected_at=SOON, late_by_seconds=0.1))  # fmt: skip
    assert await listed(desk, AGENT, at_risk=True) == []
    await take_in(desk, clock(mine, "clock.stopped.v1", 10, target="first_response"))
    assert await listed(desk, AGENT, due_before="2026-06-02T00:00:00Z") == []


async def test_words_made_anew_are_the_same(desk, database):
    before = await desk.pool.fetch("SELECT * FROM incident_words ORDER BY stream")
    await rebuild(database, [AGGREGATE], "words")
    assert await desk.pool.fetch("SELECT * FROM incident_words ORDER BY stream") == before


async def test_a_long_book_is_still_commented_on(front):
    def many(start):
        return " ".join(f"w{n:06}" for n in range(start, start + 8000))

    comments = [CommentAdded(text=many(8000 * n), speaker=Speaker.CUSTOMER) for n in range(12)]
    identity = (
        await front.given(report(title="book"), *comments)
        .post("/incidents/{id}/comments", {"text": "The end."}, by=AGENT)
        .then(200, CommentAdded)
    )
    assert identity
    assert await listed(front, AGENT, text="w000500") == ["book"]


async def test_the_pages_of_every_order_hold_every_row_once(desk):
    for sort in ("opened", "updated", "priority", "number", "due"):
        for order in (sort, f"-{sort}"):
            seen, after = [], {}
            while after is not None:
                page = await desk.get("/incidents", AUDITOR, sort=order, limit=2, **after)
                seen += [row["title"] for row in page["items"]]
                after = {"after": page["next"]} if page["next"] else None
            assert len(seen) == len(set(seen)) == 7


HOSTILE = [
    {"text": "x" * 201},
    {"opened_from": "0000-01-01T00:00:00Z"},
    {"opened_before": "9999-12-31T00:00:00Z"},
    {"due_before": "1e9"},
    {"limit": 201},
    {"limit": "0; DROP TABLE incidents"},
    {"sort": "number; --"},
    {"after": "bm90IG91cnM"},
    {"status": "new' OR true --"},
    {"priority": "6"},
    {"mine": "yes please"},
    {"at_risk": "2"},
    {"working": "Dana"},
]


@pytest.mark.parametrize("query", HOSTILE, ids=str)
async def test_what_makes_no_sense_is_refused_with_a_sentence(library, query):
    answer = await library.send("GET", "/incidents", AGENT, params=query)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"].endswith((".", "…")), answer.text


@pytest.mark.parametrize("name", ["text", "service"])
async def test_a_nul_is_no_text(library, name):
    answer = await library.send("GET", "/incidents", AGENT, params={name: "a\0b"})
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "The address holds a NUL character.",
    )


HARMLESS = ["' OR true --", "🦄", "\\", "a:*b & !(", '"', "'); DROP TABLE incidents; --", " ", "%_"]


@pytest.mark.parametrize("words", HARMLESS)
@pytest.mark.parametrize("name", ["text", "service", "caller", "group", "number"])
async def test_words_are_words_whatever_they_look_like(library, name, words):
    answer = await library.send("GET", "/incidents", AGENT, params={name: words})
    assert answer.status_code == 200, answer.text
    assert answer.json()["items"] == []


async def test_a_cursor_is_of_one_person_s_own_list(desk):
    page = await desk.get("/incidents", AGENT, mine=True, limit=1, sort="number")
    assert page["next"] is None
    first = await desk.get("/incidents", AGENT, my_groups=True, limit=1)
    other = replace(AGENT, name="Rita", groups=frozenset({"network"}))
    stolen = {"my_groups": True, "limit": 1, "after": first["next"]}
    answer = await desk.send("GET", "/incidents", other, params=stolen)
    assert answer.status_code == 422
