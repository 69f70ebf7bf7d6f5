"""What incident keeps of the catalogue's people, groups and routes, in a real database."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from deskstream.cloudevent import Message
from deskstream.database import migrate
from deskstream_platform.postgres import PostgresServer
from incident.decider.priority import table_for
from incident.decider.responsibility import best_route
from incident.main import SERVICE
from incident.parties import copy_parties, read_parties
from incident.projections import copy_catalog
from incident.queries import read_directory
from incident.terms import STARTER_MATRIX
from incident.terms.parties import Route

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HARBOUR = "0198a000-0000-7000-8000-000000000001"
ALL_FIVE = {
    impact: dict.fromkeys(("high", "medium", "low"), 5) for impact in ("high", "medium", "low")
}
LATER, LATER_STILL = NOW + timedelta(days=30), NOW + timedelta(days=60)


@pytest.fixture(scope="module")
async def dsn(tmp_path_factory):
    server = PostgresServer(tmp_path_factory.mktemp("postgres"), settings={"fsync": "off"})
    await server.start()
    dsn = await server.ensure_database("incident")
    await migrate(dsn, [SERVICE.migrations])
    yield dsn
    await server.stop()


@pytest.fixture
async def database(dsn):
    """A connection in a transaction that is not kept."""
    connection = await asyncpg.connect(dsn)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def message(kind, identity, what, nth=1, **data):
    body = json.dumps(data).encode()
    name = f"{kind}.{what}.v1"
    return Message(
        "one", f"{kind}-{identity}", nth, 1, name, NOW, NOW, "a story", 0, "live", None, body
    )


def said(kind, identity, definition, version=1, since=NOW, nth=None):
    what = "set" if kind == "routing" else "registered" if version == 1 else "redefined"
    told = {"version": version, "effective_from": since.isoformat(), "definition": definition}
    return message(kind, identity, what, nth or version, **told)


def person(login, **changes):
    return {"name": login.title(), "login": login, "organisation": "harbour", **changes}


def group(*members, **changes):
    return {"name": "Network", "key": "network", "members": members, **changes}


def retired(kind, identity, at, nth=2):
    return message(kind, identity, "retired", nth, ends_at=at.isoformat(), reason="Left.")


async def test_a_vip_is_one_while_the_catalogue_says_so(database):
    anna = said("person", "a", person("anna", vip=True))
    ben = said("person", "b", person("ben"))
    await copy_parties(database, [anna, anna, ben, said("person", "a", person("anna"), 2, LATER)])
    known = await read_parties(database)
    assert known.is_vip("anna", NOW)
    assert not known.is_vip("anna", NOW - timedelta(seconds=1))
    assert not known.is_vip("anna", LATER)
    assert not known.is_vip("ben", NOW)


async def test_who_left_is_found_no_longer_and_may_come_back(database):
    anna = person("anna", vip=True)
    back = said("person", "a", anna, 2, LATER_STILL, nth=3)
    told = [said("person", "a", anna), retired("person", "a", LATER), back]
    for _ in ("as it comes", "and read again"):
        await copy_parties(database, told)
        known = await read_parties(database)
        assert [known.is_vip("anna", at) for at in (NOW, LATER, LATER_STILL)] == [True, False, True]


async def test_a_group_is_found_by_key_with_the_logins_of_its_members(database):
    await copy_parties(
        database,
        [
            # Partitions have no order among each other: the group may come first.
            said("group", "g", group("a", "b", "c", lead="a", on_call="b")),
            said("person", "a", person("anna", manager="c")),
            said("person", "a", person("anna", manager="b"), 2, NOW),
            said("person", "b", person("ben")),
            said("person", "b", person("benjamin"), 2, NOW),
            said("person", "c", {"name": "Carl", "organisation": "harbour"}),
            said("group", "g", group("a"), 2, LATER),
        ],
    )
    known = await read_parties(database)
    found = known.group("network", NOW)
    assert (found.members, found.lead, found.on_call) == ({"anna", "benjamin"}, "anna", "benjamin")
    assert found.manager == "benjamin"
    assert known.group("network", LATER).members == {"anna"}
    assert known.group("securty", NOW) is None
    await copy_parties(database, [retired("group", "g", LATER_STILL, nth=3)])
    known = await read_parties(database)
    assert known.group("network", LATER) is not None
    assert known.group("network", LATER_STILL) is None


async def test_the_routing_table_of_the_time_leads_to_the_groups_that_are_known(database):
    assert (await read_parties(database)).table(NOW) is None
    routes = [{"group": "g", "category": "mail"}, {"group": "not known yet"}]
    await copy_parties(
        database,
        [
            said("group", "g", group()),
            said("routing", "0", {"name": "Ours", "routes": routes}),
            said("routing", "0", {"name": "Ours", "routes": []}, 2, LATER),
        ],
    )
    known = await read_parties(database)
    assert known.table(NOW).routes == (Route(group="network", category="mail"),)
    assert (known.table(LATER).version, known.table(LATER).routes) == (2, ())


ANY = Route(group="any")
MAIL = Route(group="mail", category="mail")
BOOKING = Route(group="booking", service="booking")
BOTH = Route(group="both", service="booking", category="mail")


@pytest.mark.parametrize(
    ("routes", "best"),
    [
        ([ANY, MAIL, BOOKING, BOTH], BOTH),
        ([BOOKING, MAIL, ANY], BOOKING),
        ([ANY, MAIL], MAIL),
        ([ANY, Route(group="x", service="other"), Route(group="y", category="other")], ANY),
        ([Route(group="x", service="other", category="mail")], None),
    ],
)
def test_of_routes_that_fit_the_most_precise_wins_and_the_service_before_the_category(routes, best):
    assert best_route(routes, "booking", "mail") == best
    assert best_route(reversed(routes), "booking", "mail") == best


def test_without_a_service_or_category_only_routes_for_any_fit():
    assert best_route([ANY, MAIL, BOOKING, BOTH], None, None) == ANY


async def test_a_routing_table_that_is_retired_routes_nothing_until_there_is_one_again(database):
    table = {"name": "Ours", "routes": [{"group": "g"}]}
    first = said("routing", "0", table)
    again = said("routing", "0", table, 2, LATER_STILL, nth=3)
    for _ in ("as it comes", "and read again"):
        await copy_parties(database, [first, retired("routing", "0", LATER), again])
        known = await read_parties(database)
        in_force = [known.table(at) for at in (NOW, LATER, LATER_STILL)]
        assert [found and found.version for found in in_force] == [1, None, 2]


@pytest.mark.parametrize(("matrix", "customer"), [(str(UUID(int=0)), None), (HARBOUR, HARBOUR)])
async def test_a_matrix_that_is_retired_counts_no_longer(database, matrix, customer):
    definition = {"name": "Ours", "customer": customer, "priorities": ALL_FIVE}
    told = {"version": 1, "effective_from": NOW.isoformat(), "definition": definition}
    is_set = message("priority_matrix", matrix, "set", **told)
    told |= {"version": 2, "effective_from": LATER_STILL.isoformat()}
    again = message("priority_matrix", matrix, "set", 3, **told)
    for _ in ("as it comes", "and read again"):
        await copy_catalog(database, [is_set, retired("priority_matrix", matrix, LATER), again])
        tables = (await read_directory(database)).tables
        assert table_for(tables, customer, NOW).version == 1
        assert table_for(tables, customer, LATER) == STARTER_MATRIX
        assert table_for(tables, customer, LATER_STILL).version == 2
