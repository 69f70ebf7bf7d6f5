"""Which agreement a ticket falls under, and what it promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from deskstream_worktime.errors import UnreachableError
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.decider.book import PolicyVersion, Versions
from sla_monitor.terms import PAUSING, TARGETS, Candidate, Choice, Kind, Promise, Target, Ticket

EVERYONE: Final = 1_000
"""How far an agreement for everyone, or for any service, is from a ticket: beyond any ancestor."""
KEEPER: Final = {Kind.OLA: ("group", "group"), Kind.UNDERPINNING: ("supplier", "organisation")}
"""The member of a definition that says by whom it is kept, if not by anybody, and what that is."""


KEPT_BY_ANOTHER: Final = {
    Kind.OLA: "it is with one group, and counts while that has the ticket",
    Kind.UNDERPINNING: "it is with one supplier, and counts while that is waited for",
}


@dataclass(frozen=True)
class PolicyBook(Versions):
    """The policies, and the rule by which an agreement is chosen."""

    def choose(
        self, ticket: Ticket, kind: Kind, moment: datetime, party: str | None = None
    ) -> Choice:
        """The promises of the nearest agreement in force. Customer outranks service.

        Its candidates are those for this customer and service; `others` has the rest.
        """
        ranked: list[tuple[tuple[int, int, int], PolicyVersion]] = []
        lost: list[Candidate] = []
        for one in self.agreements(kind, moment):
            if not (rank := self._rank(one, ticket, moment, party)):
                continue
            if why := self.out_of_force(one, moment):
                lost.append(_candidate(one, why))
            else:
                ranked.append((rank, one))
        if not ranked:
            return Choice({}, tuple(lost), "no agreement in force covers it")
        ranked.sort(key=lambda pair: (pair[0], pair[1].id))
        winner = ranked[0][1]
        name = winner.definition["name"]
        lost += [_candidate(one, f"{name} is nearer") for _, one in ranked[1:]]
        promised = self._promises(winner, kind, ticket, moment)
        promises = {of: one for of, one in promised.items() if self._can_be_kept(one, moment)}
        why = f"the calendars of {name} hold too little time from now on"
        if not promised:
            why = f"{name} has no row for its priority"
        return Choice(promises, (_candidate(winner, None), *lost), None if promises else why)

    def others(
        self, ticket: Ticket, kind: Kind, moment: datetime, known: datetime
    ) -> tuple[Candidate, ...]:
        """The agreements that were known by then and were for others: they were no candidates."""
        found = []
        for one in self.agreements(kind, moment, known):
            customer, service = self._distances(one, ticket, moment)
            if customer is None:
                found.append(_candidate(one, "it is for another customer"))
            elif service is None:
                found.append(_candidate(one, "it is for another service"))
            elif self._keeper(one):
                found.append(_candidate(one, KEPT_BY_ANOTHER[kind]))
        return tuple(found)

    def _rank(
        self, one: PolicyVersion, ticket: Ticket, moment: datetime, party: str | None
    ) -> tuple[int, int, int] | None:
        customer, service = self._distances(one, ticket, moment)
        kept = self._keeper(one)
        if customer is None or service is None or (kept and party not in kept):
            return None
        return (0 if kept else 1), customer, service

    def _keeper(self, one: PolicyVersion) -> frozenset[str]:
        """What the one party is called that keeps the agreement; nothing if anybody does.

        Tickets tell of groups by key, and of suppliers by any of their names.
        """
        member, kind = KEEPER.get(Kind(one.definition["kind"]), ("", ""))
        named = one.definition.get(member)
        if named is None:
            return frozenset()
        called = [known.definition for known in self.histories.get((kind, named), ())]
        names = (said.get(member) for said in called for member in ("key", "name"))
        return frozenset({named, *filter(None, names)})

    def _distances(
        self, one: PolicyVersion, ticket: Ticket, moment: datetime
    ) -> tuple[int | None, int | None]:
        customer = self._distance("organisation", ticket.organisation, one, "customer", moment)
        return customer, self._distance("service", ticket.service, one, "service", moment)

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

    def _can_be_kept(self, promise: Promise, moment: datetime) -> bool:
        try:
            self.calendars[promise.calendar].add(moment, timedelta(seconds=promise.seconds))
        except UnreachableError:
            return False
        return True

    def _promises(
        self, one: PolicyVersion, kind: Kind, ticket: Ticket, moment: datetime
    ) -> Mapping[Target, Promise]:
        row = _row(one, ticket)
        if row is None:
            return {}
        calendar = self.at("calendar", row.get("calendar") or one.definition["calendar"], moment)
        return {} if calendar is None else _row_promises(one, kind, row, calendar)


def _row(one: PolicyVersion, ticket: Ticket) -> Mapping[str, Any] | None:
    """The row for the ticket's type and priority; one for major incidents comes first for them."""
    rows = [row for row in one.definition["targets"] if row["ticket_type"] == ticket.kind]
    of_major = [row for row in rows if ticket.major and row.get("major")]
    usual = [row for row in rows if not row.get("major") and row["priority"] == ticket.priority]
    return next(iter([*of_major, *usual]), None)


def _row_promises(
    one: PolicyVersion, kind: Kind, row: Mapping[str, Any], calendar: PolicyVersion
) -> Mapping[Target, Promise]:
    changes = one.definition.get("on_change") or {}
    return {
        target: Promise(
            agreement=one.pin,
            calendar=calendar.pin,
            seconds=row["seconds"][measure],
            warn_at=tuple(one.definition.get("warn_at", ())),
            warn_before=tuple(one.definition.get("warn_before", ())),
            pauses_on=tuple(one.definition.get("pauses_on", ())) if target in PAUSING else (),
            rebase=Rebase(changes.get(measure, Rebase.CARRY)),
        )
        for target, measure in TARGETS[kind].items()
        if measure in row["seconds"]
    }


def _candidate(one: PolicyVersion, lost: str | None) -> Candidate:
    return Candidate(agreement=one.pin, name=one.definition["name"], lost=lost)
