"""Who there is, as the catalogue tells: groups with their members, VIPs, and the routing table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Something that is so from one moment until another, if that is known."""

    since: datetime
    until: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether it is so then."""
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Spell):
    """A group: the logins of its members, its lead, the lead's manager, and who is on call."""

    key: str
    members: frozenset[str] = frozenset()
    lead: str | None = None
    manager: str | None = None
    on_call: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The group for tickets of a service and category; absent, of any."""

    group: str
    service: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingTable(Spell):
    """A version of the routing table."""

    version: int
    routes: tuple[Route, ...]


S = TypeVar("S", bound=Spell)


@dataclass(frozen=True, slots=True)
class Parties:
    """What is known of them.

    Args:
        groups: by key.
        vips: by login.
        routing: the versions of the table, ascending.
    """

    groups: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)
    vips: Mapping[str, tuple[Spell, ...]] = field(default_factory=dict)
    routing: tuple[RoutingTable, ...] = ()

    def group(self, key: str | None, at: datetime) -> Group | None:
        """The group that tickets call so."""
        return None if key is None else _in_force(self.groups.get(key, ()), at)

    def is_vip(self, login: str, at: datetime) -> bool:
        """Whether the catalogue calls this person a VIP."""
        return _in_force(self.vips.get(login, ()), at) is not None

    def table(self, at: datetime) -> RoutingTable | None:
        """The routing table."""
        return _in_force(self.routing, at)


NOBODY_KNOWN = Parties()


def _in_force(spells: Sequence[S], at: datetime) -> S | None:
    return next((one for one in reversed(spells) if one.holds_at(at)), None)
