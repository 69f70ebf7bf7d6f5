"""What an agreement may promise: targets that can be met, warnings that come before them."""

from collections.abc import Iterator
from datetime import timedelta

from catalog.agreements.terms import (
    AgreementDefinition,
    CalendarInForce,
    Surroundings,
    TargetRow,
)
from catalog.definitions.facts import Edition
from catalog.terms import HIGHEST_PRIORITY, LOWEST_PRIORITY, plain, refusal_of
from deskstream.decider import Refusal
from deskstream_worktime import HORIZON_YEARS, WorktimeError

LONGEST_TARGET = int(timedelta(days=366).total_seconds()) * HORIZON_YEARS


def objection_to_promises(
    agreement: AgreementDefinition, edition: Edition, surroundings: Surroundings
) -> Refusal | None:
    """The first reason why this cannot be promised, if there is one."""
    return next(_objections(agreement, edition, surroundings), None)


def _objections(
    agreement: AgreementDefinition, edition: Edition, surroundings: Surroundings
) -> Iterator[Refusal]:
    yield from _to_warnings(agreement)
    if not agreement.targets:
        yield Refusal("nothing-promised", "Give at least one row of targets.", field="targets")
    taken: set[tuple[str, int]] = set()
    for nth, row in enumerate(agreement.targets):
        field = f"targets.{nth}"
        yield from _to_row(row, taken, field)
        yield from _to_calendar(agreement, row, edition, surroundings, field)
        taken.add((row.ticket_type, row.priority))


def _to_warnings(agreement: AgreementDefinition) -> Iterator[Refusal]:
    for share in agreement.warn_at:
        if not 0 < share < 1:
            yield Refusal(
                "warning-out-of-range",
                f"A warning at {share} of a target is no warning; give shares between 0 and 1, "
                "such as 0.75.",
                field="warn_at",
            )


def _to_row(row: TargetRow, taken: set[tuple[str, int]], field: str) -> Iterator[Refusal]:
    if not HIGHEST_PRIORITY <= row.priority <= LOWEST_PRIORITY:
        yield Refusal(
            "priority-out-of-range",
            f"{row.priority} is no priority; give one from {HIGHEST_PRIORITY} (highest) to "
            f"{LOWEST_PRIORITY}.",
            field=f"{field}.priority",
        )
    if (row.ticket_type, row.priority) in taken:
        yield Refusal(
            "target-row-repeated",
            f"There are two rows for {row.ticket_type}s of priority {row.priority}; keep one.",
            field=field,
        )
    if not row.seconds:
        yield Refusal(
            "nothing-promised",
            "The row promises nothing; give seconds for a measure, or leave the row out.",
            field=f"{field}.seconds",
        )
    for measure, seconds in row.seconds.items():
        if seconds <= 0:
            yield Refusal(
                "target-not-positive",
                f"Nobody can keep a target of {seconds} seconds; give at least 1.",
                field=f"{field}.seconds.{measure}",
            )


def _to_calendar(
    agreement: AgreementDefinition,
    row: TargetRow,
    edition: Edition,
    surroundings: Surroundings,
    field: str,
) -> Iterator[Refusal]:
    identity = agreement.calendar_of(row)
    calendar = surroundings.calendars.get(identity)
    place = f"{field}.calendar" if row.calendar else "calendar"
    if calendar is None:
        yield Refusal(
            "unknown-calendar", f"There is no calendar {identity}; define it first.", field=place
        )
    elif calendar.since > edition.effective_from:
        yield Refusal(
            "calendar-not-in-force",
            f"“{calendar.name}” is in force only from {plain(calendar.since)}, this agreement "
            f"from {plain(edition.effective_from)}; choose a calendar that is there by then.",
            field=place,
        )
    else:
        yield from _to_reach(row, calendar, edition, field)


def _to_reach(
    row: TargetRow, calendar: CalendarInForce, edition: Edition, field: str
) -> Iterator[Refusal]:
    work = calendar.working_time.calendar()
    for measure, seconds in row.seconds.items():
        place = f"{field}.seconds.{measure}"
        if seconds > LONGEST_TARGET:
            yield Refusal(
                "due-unreachable",
                f"A target of {seconds} seconds is longer than {HORIZON_YEARS} years; shorten it.",
                field=place,
            )
            continue
        try:
            work.add(edition.effective_from, timedelta(seconds=seconds))
        except WorktimeError as error:
            yield refusal_of(error, place)
