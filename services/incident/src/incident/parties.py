"""People, groups and routes as the catalogue tells of them: copied by version, found by key.

They are looked up one by one, for there may be a hundred thousand people.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from deskstream.cloudevent import Message
from deskstream.database import Connection, Pool
from incident.foreign import (
    PARTIES,
    GroupDefined,
    PartyRetired,
    PersonDefined,
    Route,
    RoutingSet,
)

TABLES = ("people", "groups", "routings")
PERSON = """
INSERT INTO people
    (id, version, effective_from, name, login, organisation, manager, vip, language)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""
GROUP = """
INSERT INTO groups (id, version, effective_from, name, key, members, lead, on_call)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""
ROUTING = """
INSERT INTO routings (version, effective_from, routes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
# A version that brings somebody back comes after, and has no end.
RETIRED = {
    "person": "UPDATE people SET ends_at = $2 WHERE id = $1 AND ends_at IS NULL",
    "group": "UPDATE groups SET ends_at = $2 WHERE id = $1 AND ends_at IS NULL",
}
IN_FORCE = """
    {one}.effective_from <= $2 AND ({one}.ends_at IS NULL OR {one}.ends_at > $2) AND NOT EXISTS (
        SELECT FROM {table} later
        WHERE later.id = {one}.id AND later.version > {one}.version AND later.effective_from <= $2
    )
"""
PERSON_IN_FORCE = IN_FORCE.format(one="person", table="people")
GROUP_IN_FORCE = IN_FORCE.format(one="party", table="groups")
PERSON_BY_LOGIN = f"""
SELECT id, name, login, organisation, manager, vip, language
FROM people person WHERE login = $1 AND {PERSON_IN_FORCE}
"""  # noqa: S608  made of constants
GROUP_BY_KEY = f"""
SELECT id, name, key, lead, on_call,
    ARRAY(
        SELECT login FROM people person
        WHERE person.id = ANY(party.members) AND login IS NOT NULL AND {PERSON_IN_FORCE}
        ORDER BY login
    ) AS logins
FROM groups party WHERE key = $1 AND {GROUP_IN_FORCE}
"""  # noqa: S608  made of constants
KEY_OF_GROUP = f"SELECT key FROM groups party WHERE id = $1 AND {GROUP_IN_FORCE}"  # noqa: S608  made of constants
ROUTES = """
SELECT routes FROM routings WHERE effective_from <= $1 ORDER BY version DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the catalogue knows."""

    id: str
    name: str
    login: str | None
    organisation: str
    manager: str | None
    vip: bool
    language: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A group that the catalogue knows, with its members' logins."""

    id: str
    name: str
    key: str
    lead: str | None
    on_call: str | None
    logins: Sequence[str]


async def copy_parties(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep every version of people, groups and the routing table."""
    for message in messages:
        kind, _, identity = message.stream.partition("-")
        fact = PARTIES.decode(message.type, message.body, message.occurred_at)
        match fact:
            case PersonDefined(version=version, effective_from=since, definition=said):
                who = (said.name, said.login, said.organisation)
                how = (said.manager, said.vip, said.language)
                await connection.execute(PERSON, identity, version, since, *who, *how)
            case GroupDefined(version=version, effective_from=since, definition=group):
                what = (group.name, group.key, list(group.members), group.lead, group.on_call)
                await connection.execute(GROUP, identity, version, since, *what)
            case PartyRetired(ends_at=ends_at):
                await connection.execute(RETIRED[kind], identity, ends_at)
            case RoutingSet(version=version, effective_from=since, definition=table):
                routes = json.dumps([route.model_dump() for route in table.routes])
                await connection.execute(ROUTING, version, since, routes)


async def person_of_login(database: Connection | Pool, login: str, at: datetime) -> Person | None:
    """Whose tokens carry this name at that time."""
    row = await database.fetchrow(PERSON_BY_LOGIN, login, at)
    return None if row is None else Person(**row)


async def group_of_key(database: Connection | Pool, key: str, at: datetime) -> Group | None:
    """Which group tickets call so at that time."""
    row = await database.fetchrow(GROUP_BY_KEY, key, at)
    return None if row is None else Group(**row)


async def group_for(
    database: Connection | Pool, service: str | None, category: str | None, at: datetime
) -> str | None:
    """The key of the group that tickets of this service and category go to at that time."""
    told = await database.fetchval(ROUTES, at)
    if told is None:
        return None
    route = best_route([Route(**one) for one in json.loads(told)], service, category)
    if route is None:
        return None
    key: str | None = await database.fetchval(KEY_OF_GROUP, route.group, at)
    return key


def best_route(routes: Iterable[Route], service: str | None, category: str | None) -> Route | None:
    """The one that fits best: by service and category, by service, by category, by neither."""
    fitting = (
        route
        for route in routes
        if route.service in (None, service) and route.category in (None, category)
    )
    return max(
        fitting,
        key=lambda route: (route.service is not None, route.category is not None),
        default=None,
    )
