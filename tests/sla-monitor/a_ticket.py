"""A ticket whose life is told minute by minute, and the clocks that follow it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from deskstream.decider import Actor, Occasion, Role
from deskstream.envelope import Origin, Recorded
from deskstream.timer import ClearTimer, Due
from deskstream_worktime.stopwatch import Rebase
from sla_monitor import foreign
from sla_monitor.commands import ApplyPolicies, Reconsider, Refold
from sla_monitor.decider import CLOCKS
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.decider.book import PolicyVersion
from sla_monitor.events import CODEC, ClockEvent
from sla_monitor.foreign import Told
from sla_monitor.policies import react, retell, timers_after, when_due
from sla_monitor.terms import Target

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
TICKET = "incident-01a208f5-4d40-7526-ab44-4e7d847eb58e"
MONITOR = Actor("sla-monitor", Role.SERVICE)

ALWAYS = {
    "timezone": "UTC",
    "hours": {
        day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    },
}
OFFICE = {
    "timezone": "UTC",
    "hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}


def minute(number: float) -> datetime:
    return MONDAY + timedelta(minutes=number)


def policy(
    of: str, identity: str, number: int = 1, since: datetime = LONG_AGO, /, **definition: Any
):
    """A version of a policy that is in force since long ago."""
    return PolicyVersion(of, identity, number, since, definition)


def calendar(
    identity: str = "always",
    working_time: Any = ALWAYS,
    number: int = 1,
    since: datetime = LONG_AGO,
    **rest: Any,
):
    told = {"working_time": working_time, "name": identity, **rest}
    return policy("calendar", identity, number, since, **told)


def agreement(
    identity: str = "usual",
    *,
    response: int | None = 60,
    resolution: int | None = 240,
    priorities: tuple[int, ...] = (1, 2, 3),
    version: int = 1,
    since: datetime = LONG_AGO,
    **rest: Any,
):
    """Targets in minutes, the same for these priorities."""
    promised = {"first_response": response, "resolution": resolution}
    seconds = {target: minutes * 60 for target, minutes in promised.items() if minutes}
    return policy(
        "agreement",
        identity,
        version,
        since,
        **{
            "name": identity,
            "kind": "sla",
            "valid_from": LONG_AGO.isoformat(),
            "calendar": "always",
            "targets": [
                {"ticket_type": "incident", "priority": one, "seconds": seconds}
                for one in priorities
            ],
            "pauses_on": ["awaiting_caller"],
            "warn_at": ["0.5"],
            **rest,
        },
    )


def book(*policies: PolicyVersion, **ended: datetime) -> PolicyBook:
    return PolicyBook.of(policies or (calendar(), agreement()), ended)


def logged(priority: int = 3, **rest: Any) -> foreign.IncidentLogged:
    return foreign.IncidentLogged(number="INC0000001", caller="Anna", priority=priority, **rest)


def held(reason: str = "awaiting_caller") -> foreign.IncidentPutOnHold:
    return foreign.IncidentPutOnHold(reason=reason)


def agent_said() -> foreign.CommentAdded:
    return foreign.CommentAdded(speaker="agent")


RESUMED = foreign.IncidentResumed()
RESOLVED = foreign.IncidentResolved()
REOPENED = foreign.IncidentReopened()
CLOSED = foreign.IncidentClosed()


@dataclass
class Life:
    """A ticket's events told in order, and what the clocks made of them."""

    policies: PolicyBook = field(default_factory=book)
    facts: list[ClockEvent] = field(default_factory=list)
    timers: dict[str, Any] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    source: str = "live"

    def tell(self, number: float, event: foreign.TicketEvent) -> "Life":
        """At this minute, this happened to the ticket."""
        cause = f"{TICKET}@{len(self.told) + 1}"
        dated = event.model_copy(update={"at": minute(number)})
        self.told.append(Told(cause, dated, self.source))
        command = react(dated, TICKET, cause, self.policies, self.source)
        if command is not None:
            self._take(command, number)
        return self

    def pass_until(self, number: float) -> "Life":
        """All timers that are due by this minute are run, in due order."""
        while due := [
            (one.due_at, name) for name, one in self.timers.items() if one.due_at <= minute(number)
        ]:
            due_at, name = min(due)
            del self.timers[name]
            self._take(when_due(Due("clock", name, due_at, minute(number))), number)
        return self

    def know(self, number: float, *policies: PolicyVersion, **ended: datetime) -> "Life":
        """At this minute these became all the policies that are known, whenever they held from."""
        self.policies = book(*policies, **ended)
        when = Occasion(MONITOR, minute(number))
        told = retell(TICKET, self.told, self.state.orders, self.policies, when)
        order = Refold(cause="agreement-1@2", because="it is so", told=told, book=self.policies)
        self._take(order, number)
        return self

    def change(self, number: float, **changes: Any) -> "Life":
        """At this minute the ticket became another one, as far as agreements care."""
        at, known = minute(number), self.policies
        self._take(Reconsider(at=at, cause="x@1", book=known, changes=changes), number)
        return self

    def apply(self, number: float, policy: str, rebase: Rebase | None = None) -> "Life":
        """At this minute somebody ordered that the policies of then be applied."""
        at, known = minute(number), self.policies
        order = ApplyPolicies(at=at, cause="order-1@1", book=known, policy=policy, rebase=rebase)
        self._take(order, number)
        return self

    def _take(self, command: Any, number: float) -> None:
        decided = CLOCKS.decide(command, Occasion(MONITOR, minute(number)), self.state)
        for undated in decided:
            fact = undated if undated.at else undated.model_copy(update={"at": minute(number)})
            self.facts.append(fact)
            name = CODEC.name_of(type(fact))
            origin = Origin("m", "s", "c", source=self.source)
            recorded = Recorded(1, "clock", 1, name, fact, fact.time, fact.time, origin)
            for change in timers_after(recorded):
                if isinstance(change, ClearTimer):
                    self.timers.pop(change.name, None)
                else:
                    self.timers[change.name] = change

    @property
    def state(self):
        return CLOCKS.fold(self.facts)

    def clock(self, target: Target = Target.RESOLUTION):
        return self.state.clocks[target]

    def happened(self, target: Target = Target.RESOLUTION) -> list[str]:
        """The names of what happened to one clock, without `clock.` and version."""
        return [
            CODEC.name_of(type(fact)).split(".")[1]
            for fact in self.facts
            if getattr(fact, "target", None) is target
        ]

    def last(self, fact_type: type[Any]) -> Any:
        return next(fact for fact in reversed(self.facts) if isinstance(fact, fact_type))
