"""Work waited, and went on."""

from typing import Final

from pydantic import AwareDatetime

from deskstream.decider import Fact
from incident.events.words import plain, utc
from incident.terms import HoldReason, Reference, ResumeCause, Text

RESUMED: Final = {
    ResumeCause.BY_HAND: "Resumed.",
    ResumeCause.CALLER_REPLIED: "Resumed, because the caller replied.",
    ResumeCause.DATE_PASSED: "Resumed, because the promised date has passed.",
}


class IncidentPutOnHold(Fact, stored="incident.put_on_hold.v1"):
    """Work waits, for this reason instead of any earlier one.

    A caller who is awaited without a date is reminded at `remind_at`, whatever is set later.
    """

    reason: HoldReason
    until: AwareDatetime | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None
    remind_at: AwareDatetime | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        details = [
            plain(self.reason),
            self.supplier,
            self.reference,
            f"until {utc(self.until)}" if self.until else None,
        ]
        said = f": {self.text}" if self.text else "."
        return f"Put on hold ({', '.join(detail for detail in details if detail)}){said}"


class IncidentResumed(Fact, stored="incident.resumed.v1"):
    """Work no longer waits."""

    cause: ResumeCause

    def in_words(self) -> str:
        """As the history tells it."""
        return RESUMED[self.cause]


class CallerReminded(Fact, stored="incident.caller_reminded.v1"):
    """The caller was asked once more, and will be again, or not waited for any longer, then."""

    nth: int
    next_at: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return f"The caller was reminded (reminder {self.nth})."


HoldingEvent = CallerReminded | IncidentPutOnHold | IncidentResumed
