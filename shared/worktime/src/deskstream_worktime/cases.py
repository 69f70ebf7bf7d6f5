"""The form of a service-level case, read from JSON that nobody has checked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from deskstream_worktime.calendar import HORIZON_YEARS, WorkCalendar

Fact: TypeAlias = Literal[
    "due",
    "elapsed_seconds",
    "paused_working_seconds",
    "paused",
    "breached",
    "late_seconds",
    "level",
]
"""What a check can want to know."""
FACTS: tuple[Fact, ...] = get_args(Fact)

_MOST_SECONDS = HORIZON_YEARS * 366 * 24 * 60 * 60


def read_instant(value: object) -> datetime:
    """Read ``2016-02-08T07:25:30Z``; a local time without offset is refused as no instant."""
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_instant", "write an instant as text: 2016-02-08T07:25Z")
    try:
        at = datetime.fromisoformat(value)
        offset = at.utcoffset()
        utc = at.astimezone(UTC) if offset is not None else at
    except (ValueError, OverflowError) as malformed:
        raise PydanticCustomError(
            "invalid_instant", "there is no such instant; write it like 2016-02-08T07:25:30Z"
        ) from malformed
    if offset is None:
        raise PydanticCustomError(
            "naive_datetime", "a local time is no instant; add Z or the offset from UTC"
        )
    return utc


def read_seconds(value: object) -> timedelta:
    """Read a number of seconds, fractions allowed, of at most the horizon."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("invalid_seconds", "give a number of seconds")
    if not abs(value) <= _MOST_SECONDS:  # so written, it refuses NaN too
        raise PydanticCustomError(
            "out_of_range", "give at most {years} years of seconds", {"years": HORIZON_YEARS}
        )
    return timedelta(seconds=value)


def write_instant(at: datetime) -> str:
    """Write a UTC instant with Z, and its fraction only if it has one."""
    return at.isoformat().replace("+00:00", "Z")


def write_seconds(span: timedelta) -> int | float:
    """Write a span as seconds, a whole number if it is one."""
    return span.total_seconds() if span.microseconds else span // timedelta(seconds=1)


Instant = Annotated[datetime, BeforeValidator(read_instant)]
Seconds = Annotated[timedelta, BeforeValidator(read_seconds)]
Windows: TypeAlias = list[list[str]]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class CalendarForm(_Form):
    """A calendar in plain text; whether it makes sense is for WorkCalendar to say."""

    timezone: str
    hours: dict[str, Windows]
    holidays: list[str] = []
    overrides: dict[str, Windows] = {}
    breaks: dict[str, Windows] = {}

    def calendar(self) -> WorkCalendar:
        """Make the calendar; raises WorktimeError where it cannot be one."""
        return WorkCalendar.of(
            self.timezone,
            self.hours,
            holidays=self.holidays,
            overrides=self.overrides,
            breaks=self.breaks,
        )


class TargetForm(_Form):
    """A target: working time, and whether its clock may pause."""

    seconds: Seconds
    pausable: bool = True


Targets: TypeAlias = dict[str, TargetForm]


class EventForm(_Form):
    """Something that happened to the ticket."""

    at: Instant
    type: str
    to: str = ""
    pause: bool | None = None
    targets: Targets | None = None
    calendar: CalendarForm | None = None

    @model_validator(mode="after")
    def _complete(self) -> EventForm:
        carried = {"policy": self.targets, "calendar": self.calendar}
        if carried.get(self.type, self) is None:
            raise PydanticCustomError("missing", "an event of this type carries what it replaces")
        return self


class LevelForm(_Form):
    """A warning, set relative to the due time; negative is before it."""

    offset_seconds: Seconds


class Question(_Form):
    """What one check wants to know about a target, and as of when."""

    target: str
    as_of: Instant | None = None
    until: Instant | None = None
    clock_start: Instant | None = None
    want: list[Fact] = []
    level: LevelForm | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_a_check(cls, data: Any) -> Any:  # noqa: ANN401 - unchecked JSON
        """Ask for what an answered check, which has no ``want``, answers; forget the answers."""
        if not isinstance(data, dict) or "want" in data:
            return data
        return {**data, "want": [fact for fact in FACTS if fact in data]}

    @model_validator(mode="after")
    def _level_has_an_offset(self) -> Question:
        if "level" in self.want and self.level is None:
            raise PydanticCustomError("missing", "to ask for a level, give its offset_seconds")
        return self


class AddInput(_Form):
    """Working time to add, backward if negative or said to be."""

    start: Instant
    seconds: Seconds
    direction: Literal["forward", "backward"] = "forward"


class BetweenInput(_Form):
    """A span to measure."""

    start: Instant
    end: Instant


class EscalationInput(_Form):
    """The targets of a ticket and what happened to it."""

    targets: Targets
    events: list[EventForm] = Field(min_length=1)


Input = TypeVar("Input")


class CaseForm(_Form, Generic[Input]):
    """What an answer is computed from; the expected one is not part of it."""

    calendar: CalendarForm
    input: Input
