"""Who may see what: one rule, for single tickets in Python and for rows in SQL."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from deskstream.database import Connection, Pool
from deskstream.decider import ASKERS, Actor, Role

READING_SCOPES = frozenset({"read", "stream", "import"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal(Actor):
    """A caller whose token was verified.

    Args:
        expires_at: when the token ends, in seconds since 1970.
    """

    expires_at: float


@dataclass(frozen=True, slots=True)
class Holding:
    """What the rule looks at in one ticket.

    Args:
        organisation: whose it is.
        people: whom it concerns: caller, affected, watchers.
        group: which holds it.
        restricted: whether it is about security or personnel.
    """

    organisation: str | None
    people: frozenset[str]
    group: str | None
    restricted: bool


ROW_COLUMNS = {
    "stream": "text",
    "organisation": "text",
    "people": "text[]",
    "held_by": "text",
    "restricted": "boolean",
}


def may_see(principal: Principal, holding: Holding) -> bool:
    """Whether the caller sees this ticket; `visible_rows` says the same in SQL."""
    concerned = principal.name in holding.people
    match principal.role:
        case Role.AUDITOR:
            return True
        case Role.REQUESTER:
            return concerned
        case Role.CUSTOMER:
            own = holding.organisation is not None
            own = own and holding.organisation == principal.organisation
            return concerned or (own and not holding.restricted)
        case Role.AGENT | Role.LEAD | Role.OWNER:
            return not holding.restricted or concerned or holding.group in principal.groups
        case Role.SERVICE:
            return sees_rows(principal) and (
                not holding.restricted or "restricted" in principal.scopes
            )


def visible_rows(principal: Principal, alias: str, first_parameter: int) -> tuple[str, list[Any]]:
    """The condition on rows with `ROW_COLUMNS` that the caller sees, and its arguments."""
    one, two = f"${first_parameter}::text", f"${first_parameter + 1}::text"
    concerned = f"{alias}.people @> ARRAY[{one}]"
    match principal.role:
        case Role.AUDITOR:
            return "true", []
        case Role.REQUESTER:
            return concerned, [principal.name]
        case Role.CUSTOMER:
            own = f"({alias}.organisation = {two} AND NOT {alias}.restricted)"
            return f"({concerned} OR {own})", [principal.name, principal.organisation]
        case Role.AGENT | Role.LEAD | Role.OWNER:
            held = f"{alias}.held_by = ANY({two}[])"
            rule = f"(NOT {alias}.restricted OR {concerned} OR {held})"
            return rule, [principal.name, sorted(principal.groups)]
        case Role.SERVICE:
            every = "true" if "restricted" in principal.scopes else f"NOT {alias}.restricted"
            return every if sees_rows(principal) else "false", []


def sees_rows(principal: Principal) -> bool:
    """Whether there can be anything that the caller sees: a machine needs a scope that reads."""
    return principal.role is not Role.SERVICE or not READING_SCOPES.isdisjoint(principal.scopes)


def sees_internal(principal: Principal) -> bool:
    """Whether the caller sees facts of internal audience, such as internal notes."""
    return principal.role not in ASKERS


async def record_restricted_reads(
    database: Connection | Pool,
    principal: Principal,
    streams: Collection[str],
    channel: str,
    correlation: str,
) -> None:
    """Note that an auditor reads these restricted tickets, before they are shown."""
    if principal.role is Role.AUDITOR and streams:
        await database.execute(
            "INSERT INTO restricted_reads (reader, channel, correlation, stream)"
            " SELECT $1, $2, $3, unnest($4::text[])",
            principal.name,
            channel,
            correlation,
            list(streams),
        )
