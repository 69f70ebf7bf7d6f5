"""People, groups and routes as the catalogue tells of them: copied by version, and read whole.

Of people, of whom there may be a hundred thousand, only the VIPs and the members are read.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import asyncpg

from deskstream.cloudevent import Message
from deskstream.database import Connection, Pool
from incident.foreign import (
    PARTIES,
    GroupDefined,
    PartyRetired,
    PersonDefined,
    RouteSet,
    RoutingRetired,
    RoutingSet,
)
from incident.terms.parties import Group, Parties, Route, RoutingTable, Spell

TABLES = ("people", "groups", "routings")
PERSON = """
INSERT INTO people
    (id, version, effective_from, told_in, name, login, organisation, manager, vip, language)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
"""
GROUP = """
INSERT INTO groups (id, version, effective_from, told_in, name, key, members, lead, on_call)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""
ROUTING = """
INSERT INTO routings (version, effective_from, told_in, routes)
VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
# A version that brings somebody back comes after, and has no end, though this be told again.
RETIRED = {
    "person": "UPDATE people SET ends_at = $2 WHERE id = $1 AND ends_at IS NULL AND told_in < $3",
    "group": "UPDATE groups SET ends_at = $2 WHERE id = $1 AND ends_at IS NULL AND told_in < $3",
}
ROUTING_RETIRED = "UPDATE routings SET ends_at = $1 WHERE ends_at IS NULL AND told_in < $2"
# How long a version counts: until a later one does, or it ends.
UNTIL = """
    least(ends_at, (
        SELECT min(later.effective_from) FROM {table} later
        WHERE later.id = party.id AND later.version > party.version
    ))
"""
GROUPS = f"""
SELECT key, effective_from AS since, {UNTIL.format(table="groups")} AS until,
    ARRAY(SELECT login FROM logins WHERE id = ANY (party.members)) AS members,
    (SELECT login FROM logins WHERE id = party.lead) AS lead,
    (SELECT login FROM logins WHERE id = (
        SELECT manager FROM people WHERE id = party.lead ORDER BY version DESC LIMIT 1
    )) AS manager,
    (SELECT login FROM logins WHERE id = party.on_call) AS on_call
FROM groups party ORDER BY id, version
"""  # noqa: S608  made of constants
VIPS = f"""
SELECT login, effective_from AS since, {UNTIL.format(table="people")} AS until
FROM people party WHERE vip AND login IS NOT NULL ORDER BY id, version
"""  # noqa: S608  made of constants
ROUTINGS = """
SELECT version, effective_from AS since, ends_at AS until, routes FROM routings ORDER BY version
"""
KEYS = "SELECT DISTINCT ON (id) id, key FROM groups ORDER BY id, version DESC"
LOGINS = """
WITH logins AS (
    SELECT DISTINCT ON (id) id, login FROM people WHERE login IS NOT NULL ORDER BY id, version DESC
)
"""


async def copy_parties(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep every version of people, groups and the routing table."""
    for message in messages:
        (kind, _, identity), nth = message.stream.partition("-"), message.version
        fact = PARTIES.decode(message.type, message.body, message.occurred_at)
        match fact:
            case PersonDefined(version=version, effective_from=since, definition=said):
                who = (said.name, said.login, said.organisation)
                how = (said.manager, said.vip, said.language)
                await connection.execute(PERSON, identity, version, since, nth, *who, *how)
            case GroupDefined(version=version, effective_from=since, definition=group):
                what = (group.name, group.key, list(group.members), group.lead, group.on_call)
                await connection.execute(GROUP, identity, version, since, nth, *what)
            case PartyRetired(ends_at=ends_at):
                await connection.execute(RETIRED[kind], identity, ends_at, nth)
            case RoutingRetired(ends_at=ends_at):
                await connection.execute(ROUTING_RETIRED, ends_at, nth)
            case RoutingSet(version=version, effective_from=since, definition=table):
                routes = json.dumps([route.model_dump() for route in table.routes])
                await connection.execute(ROUTING, version, since, nth, routes)


async def read_parties(database: Connection | Pool) -> Parties:
    """The groups, VIPs and routes as the consumer has copied them."""
    keys = {row["id"]: row["key"] for row in await database.fetch(KEYS)}
    groups, vips = defaultdict[str, list[Group]](list), defaultdict[str, list[Spell]](list)
    for row in await database.fetch(LOGINS + GROUPS):
        members = frozenset(row["members"])
        groups[row["key"]].append(Group(**{**row, "members": members}))
    for row in await database.fetch(VIPS):
        vips[row["login"]].append(Spell(since=row["since"], until=row["until"]))
    return Parties(
        {key: tuple(spells) for key, spells in groups.items()},
        {login: tuple(spells) for login, spells in vips.items()},
        tuple([_table(row, keys) for row in await database.fetch(ROUTINGS)]),
    )


def _table(row: asyncpg.Record, keys: Mapping[str, str]) -> RoutingTable:
    """Its routes lead to groups' keys; one to a group that is not known yet leads nowhere."""
    told = [RouteSet(**one) for one in json.loads(row["routes"])]
    routes = tuple(
        Route(keys[one.group], one.service, one.category) for one in told if one.group in keys
    )
    return RoutingTable(
        version=row["version"], since=row["since"], until=row["until"], routes=routes
    )
