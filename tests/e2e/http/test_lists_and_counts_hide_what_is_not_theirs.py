"""No list, count, filter, sort or cursor finds more than the one rule of rows lets it."""

import pytest
from a_service_desk import ACME, CARLA, GLOBEX, SAM, SECURITY
from four_tickets import SEES, all_pages, for_everybody

from deskstream.service import create_app
from deskstream.settings import Settings
from incident.main import SERVICE
from sla_monitor.main import SERVICE as MONITOR


def values_of(parameter, path, service=SERVICE):
    """What a parameter can be, as the service describes it."""
    operation = create_app(service, Settings()).openapi()["paths"][path]["get"]
    (schema,) = (one["schema"] for one in operation["parameters"] if one["name"] == parameter)
    return schema["enum"]


def counted_as(row, by):
    """What a row adds to in a count."""
    if by == "open":
        return row["status"] in {"new", "in_progress", "on_hold"}
    if by == "unassigned":
        return row["group"] is None
    return row[by]


@for_everybody
@pytest.mark.parametrize("value", values_of("by", "/incidents/counts"))
async def test_a_count_tells_no_more_than_the_list(value, by, desk, tickets):
    answer = await desk.incident(by).get(
        "/incidents/counts", params={"by": value, "category": tickets.category}
    )
    counts = answer.json()
    assert counts["total"] == len(SEES[by])
    rows = await desk.incident(by).get("/incidents", params={"category": tickets.category})
    told = sorted(str(counted_as(row, value)).lower() for row in rows.json()["items"])
    counted = [str(c["value"]).lower() for c in counts["counts"] for _ in range(c["count"])]
    assert sorted(counted) == told


@for_everybody
@pytest.mark.parametrize("value", values_of("by", "/clocks/counts", MONITOR))
async def test_a_count_of_clocks_tells_no_more_than_the_list(value, by, desk, tickets):
    for name, ticket in tickets.logged.items():
        params = {"by": value, "ticket": ticket["number"]}
        counts = (await desk.monitor(by).get("/clocks/counts", params=params)).json()
        params = {"ticket": ticket["number"]}
        rows = (await desk.monitor(by).get("/clocks", params=params)).json()["items"]
        assert counts["total"] == len(rows)
        assert bool(rows) == (name in SEES[by])


@for_everybody
async def test_no_filter_finds_what_the_list_hides(by, desk, tickets):
    hidden = tickets["password"]
    filters = (
        {"number": hidden["number"]},
        {"caller": "anna"},
        {"group": SECURITY},
        {"priority": 1},
        {"organisation": ACME},
        {"organisation": GLOBEX},
        {"status": "new"},
        {"unassigned": False},
        {"breached": False},
        {"opened_from": hidden["opened_at"]},
    )
    for wanted in filters:
        params = {**wanted, "category": tickets.category}
        found = await all_pages(desk.incident(by), "/incidents", **params)
        counted = await desk.incident(by).get("/incidents/counts", params=params)
        assert tickets.named(found) <= SEES[by], wanted
        assert counted.json()["total"] == len(found), wanted


@for_everybody
@pytest.mark.parametrize("sort", values_of("sort", "/incidents"))
async def test_no_sort_shows_what_the_list_hides(sort, by, desk, tickets):
    found = await all_pages(desk.incident(by), "/incidents", category=tickets.category, sort=sort)
    assert tickets.named(found) == SEES[by]
    assert len(found) == len(SEES[by])


async def test_a_cursor_of_somebody_else_opens_nothing(desk, tickets):
    params = {"category": tickets.category, "limit": 1, "sort": "opened"}
    page = (await desk.incident(SAM).get("/incidents", params=params)).json()
    params |= {"after": page["next"], "limit": 200}
    rest = (await desk.incident(CARLA).get("/incidents", params=params)).json()
    assert tickets.named(row["id"] for row in rest["items"]) <= SEES[CARLA]
