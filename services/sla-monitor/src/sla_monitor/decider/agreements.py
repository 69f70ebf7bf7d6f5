"""What the catalogue has agreed, and which agreement a ticket falls under."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from deskstream_worktime.calendar import WorkCalendar
from sla_monitor.terms import PAUSING, Promise, Target, Ticket, Version

EVERYONE: Final = 1_000
"""How far an agreement for everyone, or for any service, is from a ticket: beyond any ancestor."""


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version of a policy as the catalogue set it."""

    kind: str
    id: str
    version: int
    effective_from: datetime
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agreement that could have been chosen; `lost` says why it was not."""

    agreement: Version
    name: str
    lost: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is promised to a ticket; `uncovered` says why nothing is."""

    promises: Mapping[Target, Promise]
    candidates: tuple[Candidate, ...]
    uncovered: str | None = None


@dataclass(frozen=True)
class PolicyBook:
    """All versions of all policies that are known here.

    Args:
        versions: by kind and id, ascending.
        terminations: when agreements ended before their time.
    """

    versions: Mapping[tuple[str, str], tuple[PolicyVersion, ...]]
    terminations: Mapping[str, datetime]
    calendars: Mapping[Version, WorkCalendar] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        calendars = {
            Version(id=one.id, version=one.version): _calendar(one)
            for (kind, _), history in self.versions.items()
            if kind == "calendar"
            for one in history
        }
        object.__setattr__(self, "calendars", calendars)

    @classmethod
    def of(
        cls, rows: Iterable[PolicyVersion], terminations: Mapping[str, datetime]
    ) -> "PolicyBook":
        """A book of these versions."""
        histories: dict[tuple[str, str], list[PolicyVersion]] = {}
        for row in sorted(rows, key=lambda one: one.version):
            histories.setdefault((row.kind, row.id), []).append(row)
        return cls({key: tuple(history) for key, history in histories.items()}, terminations)

    def at(self, kind: str, identity: str, moment: datetime) -> PolicyVersion | None:
        """The version that holds at this moment."""
        history = self.versions.get((kind, identity), ())
        held = [one for one in history if one.effective_from <= moment]
        return held[-1] if held else None

    def choose(self, ticket: Ticket, moment: datetime) -> Choice:
        """The promises of the nearest agreement in force. Customer outranks service."""
        ranked: list[tuple[tuple[int, int], PolicyVersion]] = []
        lost: list[Candidate] = []
        for one in self._agreements(moment):
            why = self._out_of_force(one, moment)
            rank = self._rank(one, ticket, moment)
            if why or rank is None:
                lost.append(_candidate(one, why or "it is for another customer or service"))
            else:
                ranked.append((rank, one))
        ranked.sort(key=lambda pair: pair[0])
        lost += [_candidate(one, "a nearer agreement was found") for _, one in ranked[1:]]
        if not ranked:
            return Choice({}, tuple(lost), "no agreement in force covers it")
        winner = ranked[0][1]
        promises = self._promises(winner, ticket, moment)
        why = None if promises else f"{winner.definition['name']} has no row for its priority"
        return Choice(promises, (_candidate(winner, None), *lost), why)

    def _agreements(self, moment: datetime) -> Iterable[PolicyVersion]:
        for kind, identity in self.versions:
            one = self.at(kind, identity, moment) if kind == "agreement" else None
            if one is not None and one.definition["kind"] == "sla":
                yield one

    def _out_of_force(self, one: PolicyVersion, moment: datetime) -> str | None:
        until = one.definition.get("valid_until")
        if moment < datetime.fromisoformat(one.definition["valid_from"]):
            return "it was not in force yet"
        if until is not None and moment >= datetime.fromisoformat(until):
            return "it was no longer in force"
        ended = self.terminations.get(one.id)
        return "it was terminated" if ended is not None and moment >= ended else None

    def _rank(self, one: PolicyVersion, ticket: Ticket, moment: datetime) -> tuple[int, int] | None:
        customer = self._distance("organisation", ticket.organisation, one, "customer", moment)
        service = self._distance("service", ticket.service, one, "service", moment)
        return None if customer is None or service is None else (customer, service)

    def _distance(
        self, kind: str, own: str | None, one: PolicyVersion, member: str, moment: datetime
    ) -> int | None:
        wanted = one.definition.get(member)
        if wanted is None:
            return EVERYONE
        steps = 0
        while own is not None and own != wanted and steps < EVERYONE:
            held = self.at(kind, own, moment)
            own = None if held is None else held.definition.get("parent")
            steps += 1
        return steps if own == wanted else None

    def _promises(
        self, one: PolicyVersion, ticket: Ticket, moment: datetime
    ) -> Mapping[Target, Promise]:
        for row in one.definition["targets"]:
            if (row["ticket_type"], row["priority"]) == (ticket.kind, ticket.priority):
                calendar = self.at(
                    "calendar", row.get("calendar", one.definition["calendar"]), moment
                )
                return {} if calendar is None else _row_promises(one, row, calendar)
        return {}


def _calendar(one: PolicyVersion) -> WorkCalendar:
    plain = one.definition["working_time"]
    return WorkCalendar.of(
        plain["timezone"],
        plain["hours"],
        holidays=plain.get("holidays", ()),
        overrides=plain.get("overrides"),
        breaks=plain.get("breaks"),
    )


def _row_promises(
    one: PolicyVersion, row: Mapping[str, Any], calendar: PolicyVersion
) -> Mapping[Target, Promise]:
    return {
        target: Promise(
            agreement=Version(id=one.id, version=one.version),
            calendar=Version(id=calendar.id, version=calendar.version),
            seconds=row["seconds"][target],
            warn_at=tuple(one.definition.get("warn_at", ())),
            pauses_on=tuple(one.definition.get("pauses_on", ())) if target in PAUSING else (),
        )
        for target in Target
        if target in row["seconds"]
    }


def _candidate(one: PolicyVersion, lost: str | None) -> Candidate:
    return Candidate(Version(id=one.id, version=one.version), one.definition["name"], lost)
