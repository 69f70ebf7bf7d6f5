"""The clocks reported about an incident's targets."""

from pydantic import AwareDatetime

from deskstream.decider import Fact
from incident.events.words import plain, utc
from incident.terms import Reference


class ServiceLevelWarned(Fact, stored="incident.service_level_warned.v1"):
    """The time to a target was used up to this fraction; paused since, it has no due time."""

    target: Reference
    fraction: float
    due_at: AwareDatetime | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        due = f"due {utc(self.due_at)}" if self.due_at else "paused"
        return f"{self.fraction:.0%} of the time for {plain(self.target)} is used; {due}."


class ServiceLevelSuspected(Fact, stored="incident.service_level_suspected.v1"):
    """A target is past its due time, and nobody can tell yet whether it was met."""

    target: Reference
    cycle: int
    due_at: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"The target {plain(self.target)} may have been missed; it was due {utc(self.due_at)}."
        )


class ServiceLevelSuspicionCleared(Fact, stored="incident.service_level_suspicion_cleared.v1"):
    """What arrived since shows that the target was not missed."""

    target: Reference
    cycle: int

    def in_words(self) -> str:
        """As the history tells it."""
        return f"The target {plain(self.target)} was not missed: what was awaited came in time."


class ServiceLevelBreached(Fact, stored="incident.service_level_breached.v1"):
    """A target was missed."""

    target: Reference
    cycle: int
    due_at: AwareDatetime
    detected_at: AwareDatetime
    late_by_seconds: float

    def in_words(self) -> str:
        """As the history tells it."""
        return f"The target {plain(self.target)} was missed; it was due {utc(self.due_at)}."


class ServiceLevelBreachCorrected(Fact, stored="incident.service_level_breach_corrected.v1"):
    """What was told afterwards shows that the target was not missed."""

    target: Reference
    cycle: int

    def in_words(self) -> str:
        """As the history tells it."""
        return f"The target {plain(self.target)} was not missed after all."


ServiceLevelEvent = (
    ServiceLevelWarned
    | ServiceLevelSuspected
    | ServiceLevelSuspicionCleared
    | ServiceLevelBreached
    | ServiceLevelBreachCorrected
)
