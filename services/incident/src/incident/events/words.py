"""Plain words that the history of an incident is told in."""

from datetime import UTC, datetime
from typing import Final

from incident.terms import Closure, ResumeCause

RESUMED: Final = {
    ResumeCause.BY_HAND: "Resumed.",
    ResumeCause.CALLER_REPLIED: "Resumed, because the caller replied.",
    ResumeCause.DATE_PASSED: "Resumed, because the promised date has passed.",
}
CLOSED: Final = {
    Closure.CONFIRMED: "Closed: the resolution was confirmed.",
    Closure.AUTOMATICALLY: "Closed by itself: nobody objected to the resolution.",
    Closure.BY_LEAD: "Closed by a lead.",
}


def plain(word: str) -> str:
    """A stored word as people write it."""
    return word.replace("_", " ")


def utc(moment: datetime) -> str:
    """A moment as people read it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
