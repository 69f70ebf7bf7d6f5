"""What incident keeps of the catalogue's people, groups and routes, in a real database."""

import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from deskstream.cloudevent import Message
from deskstream.database import migrate
from deskstream_platform.postgres import PostgresServer
from incident.foreign import Route
from incident.main import SERVICE
from incident.parties import best_route, copy_parties, group_for, group_of_key, person_of_login

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
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


def message(kind, identity, what, **data):
    body = json.dumps(data).encode()
    name = f"{kind}.{what}.v1"
    return Message(
        "one", f"{kind}-{identity}", 1, 1, name, NOW, NOW, "a story", 0, "live", None, body
    )


def said(kind, identity, definition, version=1, since=NOW):
    what = "set" if kind == "routing" else "registered" if version == 1 else "redefined"
    since = since.isoformat()
    return message(
        kind, identity, what, version=version, effective_from=since, definition=definition
    )


def person(login, **changes):
    return {"name": login.title(), "login": login, "organisation": "harbour", **changes}


def group(*members, **changes):
    return {"name": "Network", "key": "network", "members": members, **changes}


def retired(kind, identity, at):
    return message(kind, identity, "retired", ends_at=at.isoformat(), reason="Left.")


async def test_a_person_is_found_by_login_as_of_a_time(database):
    anna = said("person", "a", person("anna", vip=True))
    await copy_parties(database, [anna, anna, said("person", "a", person("smith"), 2, LATER)])
    found = await person_of_login(database, "anna", NOW)
    assert (found.id, found.name, found.vip, found.organisation) == ("a", "Anna", True, "harbour")
    assert await person_of_login(database, "anna", NOW - timedelta(seconds=1)) is None
    assert await person_of_login(database, "smith", NOW) is None
    assert await person_of_login(database, "anna", LATER) is None
    assert (await person_of_login(database, "smith", LATER)).id == "a"


async def test_who_left_is_found_no_longer_and_may_come_back(database):
    await copy_parties(
        database,
        [
            said("person", "a", person("anna")),
            retired("person", "a", LATER),
            said("person", "a", person("anna"), 2, LATER_STILL),
        ],
    )
    there = [
        await person_of_login(database, "anna", at) is not None for at in (NOW, LATER, LATER_STILL)
    ]
    assert there == [True, False, True]


async def test_a_group_is_found_by_key_with_the_logins_of_its_members(database):
    await copy_parties(
        database,
        [
            # Partitions have no order among each other: the group may come first.
            said("group", "g", group("a", "b", "c", lead="a", on_call="b")),
            said("person", "a", person("anna")),
            said("person", "b", person("ben")),
            said("person", "b", person("benjamin"), 2, LATER),
            said("person", "c", {"name": "Carl", "organisation": "harbour"}),
        ],
    )
    found = await group_of_key(database, "network", NOW)
    assert (found.logins, found.lead, found.on_call) == (["anna", "ben"], "a", "b")
    assert (await group_of_key(database, "network", LATER)).logins == ["anna", "benjamin"]
    assert await group_of_key(database, "securty", NOW) is None
    await copy_parties(database, [retired("group", "g", LATER)])
    assert await group_of_key(database, "network", LATER) is None


async def test_a_ticket_goes_where_the_table_of_its_time_says(database):
    assert await group_for(database, "booking", None, NOW) is None
    routes = [{"group": "g"}]
    await copy_parties(
        database,
        [
            said("group", "g", group()),
            said("routing", "0", {"name": "Ours", "routes": routes}),
            said("routing", "0", {"name": "Ours", "routes": []}, 2, LATER),
        ],
    )
    assert await group_for(database, "booking", "mail", NOW) == "network"
    assert await group_for(database, "booking", "mail", LATER) is None


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
