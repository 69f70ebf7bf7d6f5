"""The refusals of this package: a stable code for programs, a sentence for people."""

from __future__ import annotations


class WorktimeError(ValueError):
    """Something that has no answer. ``code`` is stable, ``detail`` says what to do about it."""

    code = "worktime_error"

    def __init__(self, detail: str) -> None:
        """Keep ``detail``, one sentence for the person who has to mend the input."""
        super().__init__(detail)
        self.detail = detail


class UnknownTimeZoneError(WorktimeError):
    """The name is not in the time zone database."""

    code = "unknown_time_zone"


class InvalidWindowError(WorktimeError):
    """A window, date or weekday is malformed, ends before it starts, or overlaps another."""

    code = "invalid_window"


class NeverOpensError(WorktimeError):
    """The calendar has no working time at all."""

    code = "calendar_never_opens"


class NaiveDatetimeError(WorktimeError):
    """A local time was given where an instant is needed."""

    code = "naive_datetime"


class OutOfRangeError(WorktimeError):
    """An instant, or the span between two, lies outside what calendars are computed for."""

    code = "out_of_range"


class UnreachableError(WorktimeError):
    """The calendar does not hold that much working time within the horizon."""

    code = "due_unreachable"


class OutOfOrderError(WorktimeError):
    """A stopwatch was told of, or asked about, a moment before its latest change."""

    code = "out_of_order"


class StoppedError(WorktimeError):
    """A stopped stopwatch was asked to do what only a reopened one can."""

    code = "stopwatch_stopped"
