"""Words that the catalogue's definitions share: names, reasons, levels, working time."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from deskstream.decider import Refusal
from deskstream.marks import Mark, Sensitivity
from deskstream_worktime import WorkCalendar, WorktimeError

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""What tokens, tickets and files call something by, beside its id."""

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    Mark(Sensitivity.FREE_TEXT),
]

HIGHEST_PRIORITY = 1
LOWEST_PRIORITY = 5


class Term(BaseModel):
    """A value that commands and facts carry; what a newer release added to it is overlooked."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Level(StrEnum):
    """How wide an impact, or how pressing an urgency."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


Window = tuple[str, str]
Day = tuple[Window, ...]


class WorkingTime(Term):
    """When people work, in local wall time, as people write it.

    Args:
        timezone: IANA name.
        hours: windows by weekday, `mon` to `sun`; a weekday that is absent is closed.
        holidays: `2026-12-25`, or `12-25` for every year.
        overrides: windows by date, instead of the weekday's, on holidays too.
        breaks: windows by date, cut out of what is left.
    """

    timezone: str
    hours: dict[str, Day]
    holidays: tuple[str, ...] = ()
    overrides: dict[str, Day] = {}
    breaks: dict[str, Day] = {}

    def calendar(self) -> WorkCalendar:
        """The calendar that computes with it.

        Raises:
            WorktimeError: it cannot be computed with; the error says why.
        """
        return WorkCalendar.of(
            self.timezone,
            self.hours,
            holidays=self.holidays,
            overrides=self.overrides,
            breaks=self.breaks,
        )


def refusal_of(error: WorktimeError, field: str) -> Refusal:
    """A refusal in the words of the working-time arithmetic."""
    return Refusal(error.code.replace("_", "-"), error.detail, field)


def plain(moment: datetime) -> str:
    """A moment as people read it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
