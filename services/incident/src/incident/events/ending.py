"""An incident was resolved, and what came after that."""

from typing import Any, Final

from pydantic import AwareDatetime

from deskstream.codec import Upcaster
from deskstream.decider import Fact
from incident.events.words import plain
from incident.terms import STARTER_POLICY, Closure, ResolutionCode, Text

CLOSED: Final = {
    Closure.CONFIRMED: "Closed: the resolution was confirmed.",
    Closure.AUTOMATICALLY: "Closed by itself: nobody objected to the resolution.",
    Closure.BY_LEAD: "Closed by a lead.",
    Closure.IMPORTED: "Closed, as the former tool tells it.",
}


class IncidentResolved(Fact, stored="incident.resolved.v2"):
    """The service works again, or will not be made to.

    The times are those of the process as it was set then: a later setting moves them no more.
    """

    code: ResolutionCode
    text: Text
    closes_at: AwareDatetime
    reopenable_until: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Resolved ({plain(self.code)}): {self.text}"


class IncidentReopened(Fact, stored="incident.reopened.v1"):
    """The resolution did not hold."""

    reason: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Reopened: {self.reason}"


class IncidentClosed(Fact, stored="incident.closed.v1"):
    """The resolution became final."""

    how: Closure

    def in_words(self) -> str:
        """As the history tells it."""
        return CLOSED[self.how]


class IncidentCancelled(Fact, stored="incident.cancelled.v1"):
    """It turned out that there was nothing to resolve."""

    reason: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Cancelled: {self.reason}"


EndingEvent = IncidentResolved | IncidentReopened | IncidentClosed | IncidentCancelled


def _with_times(stored: dict[str, Any]) -> dict[str, Any]:
    # When the first version was written, every process was set as at the start.
    return {
        **stored,
        "closes_at": stored["at"] + STARTER_POLICY.closes_after,
        "reopenable_until": stored["at"] + STARTER_POLICY.reopening_window,
    }


UPCASTERS: Final = {"incident.resolved.v1": Upcaster("incident.resolved.v2", _with_times)}
