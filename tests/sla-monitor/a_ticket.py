"""A ticket whose life is told minute by minute, and the clocks that follow it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from deskstream.decider import Actor, Occasion
from deskstream.envelope import Origin, Recorded
from deskstream.timer import ClearTimer, Due
from sla_monitor import foreign
from sla_monitor.decider import CLOCKS
from sla_monitor.decider.agreements import PolicyBook, PolicyVersion
from sla_monitor.events import CODEC, ClockEvent
from sla_monitor.policies import react, timers_after, when_due
from sla_monitor.terms import Target

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
TICKET = "incident-01a208f5-4d40-7526-ab44-4e7d847eb58e"
MONITOR = Actor("sla-monitor", "service")

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


def calendar(identity: str = "always", working_time: Any = ALWAYS, **rest: Any):
    return policy("calendar", identity, working_time=working_time, name=identity, **rest)


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
    return foreign.CommentAdded(by_agent=True, automatic=False)


RESUMED = foreign.IncidentResumed()
RESOLVED = foreign.IncidentResolved()
REOPENED = foreign.IncidentReopened()
CLOSED = foreign.IncidentClosed()


@dataclass
class Life:
    """A ticket's events told in order, and what the clocks made of them.

    `lagging` timers are not run between the events, as when the watermark stands still.
    """

    policies: PolicyBook = field(default_factory=book)
    facts: list[ClockEvent] = field(default_factory=list)
    timers: dict[str, Any] = field(default_factory=dict)
    told: int = 0

    def tell(self, number: float, event: foreign.TicketEvent) -> "Life":
        """At this minute, this happened to the ticket."""
        self.told += 1
        dated = event.model_copy(update={"at": minute(number)})
        when = Occasion(MONITOR, minute(number))
        command = react(dated, TICKET, f"{TICKET}@{self.told}", self.policies)
        if command is not None:
            self._take(CLOCKS.decide(command, when, self.state))
        return self

    def pass_until(self, number: float) -> "Life":
        """All timers that are due by this minute are run, in due order."""
        while due := [
            (one.due_at, name) for name, one in self.timers.items() if one.due_at <= minute(number)
        ]:
            due_at, name = min(due)
            when = Occasion(MONITOR, minute(number))
            detected = Due("clock", name, due_at, minute(number))
            command = when_due(detected)
            del self.timers[name]
            self._take(CLOCKS.decide(command, when, self.state))
        return self

    def _take(self, decided: Any) -> None:
        for fact in decided:
            self.facts.append(fact)
            name = CODEC.name_of(type(fact))
            recorded = Recorded(
                1, "clock", 1, name, fact, fact.time, fact.time, Origin("m", "s", "c")
            )
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
