"""What a row of targets may promise: what can be measured, and met in its calendar."""

from collections.abc import Iterator
from datetime import timedelta

from catalog.agreements.terms import (
    MEASURED,
    AgreementDefinition,
    AgreementKind,
    CalendarInForce,
    Measure,
    Surroundings,
    TargetRow,
    TicketType,
)
from catalog.definitions.facts import Edition
from catalog.terms import HIGHEST_PRIORITY, LOWEST_PRIORITY, plain, refusal_of
from deskstream.decider import Refusal
from deskstream_worktime import HORIZON_YEARS, WorktimeError

LONGEST_TARGET = int(timedelta(days=366).total_seconds()) * HORIZON_YEARS


def objections_to_rows(
    agreement: AgreementDefinition, edition: Edition, surroundings: Surroundings
) -> Iterator[Refusal]:
    """Why these targets cannot be promised, in their order."""
    if not agreement.targets:
        yield Refusal("nothing-promised", "Give at least one row of targets.", field="targets")
    taken: set[tuple[TicketType, int | None]] = set()
    for nth, row in enumerate(agreement.targets):
        field = f"targets.{nth}"
        yield from _to_tickets(row, field)
        if (row.ticket_type, row.priority) in taken:
            yield _repeated(row, field)
        yield from _to_seconds(agreement.kind, row, field)
        yield from _to_calendar(agreement, row, edition, surroundings, field)
        taken.add((row.ticket_type, row.priority))


def _to_tickets(row: TargetRow, field: str) -> Iterator[Refusal]:
    if row.major and row.ticket_type is not TicketType.INCIDENT:
        yield Refusal(
            "only-incidents-are-major",
            f"There are no major {row.ticket_type}s; leave “major” out, or make the row one for "
            "incidents.",
            field=f"{field}.major",
        )
    if row.major and row.priority is not None:
        yield Refusal(
            "priority-misplaced",
            "A row for major incidents holds for all of them; leave its priority out.",
            field=f"{field}.priority",
        )
    if row.major:
        return
    if row.priority is None or not HIGHEST_PRIORITY <= row.priority <= LOWEST_PRIORITY:
        said = "The row names no priority" if row.priority is None else f"{row.priority} is none"
        yield Refusal(
            "priority-out-of-range",
            f"{said}; give one from {HIGHEST_PRIORITY} (highest) to {LOWEST_PRIORITY}.",
            field=f"{field}.priority",
        )


def _repeated(row: TargetRow, field: str) -> Refusal:
    about = "major incidents" if row.major else f"{row.ticket_type}s of priority {row.priority}"
    detail = f"There are two rows for {about}; keep one."
    return Refusal("target-row-repeated", detail, field=field)


def _to_seconds(kind: AgreementKind, row: TargetRow, field: str) -> Iterator[Refusal]:
    if not row.seconds:
        yield Refusal(
            "nothing-promised",
            "The row promises nothing; give seconds for a measure, or leave the row out.",
            field=f"{field}.seconds",
        )
    if row.seconds.keys() == {Measure.NEXT_RESPONSE}:
        yield Refusal(
            "next-response-alone",
            "The next response comes after the first; promise a first response or a resolution "
            "beside it.",
            field=f"{field}.seconds.next_response",
        )
    for measure, seconds in row.seconds.items():
        if measure not in MEASURED[kind]:
            yield Refusal(
                "measure-of-another-kind",
                f"The {kind.in_full} is about resolution only, not about "
                f"{measure.replace('_', ' ')}; promise that in a service-level agreement.",
                field=f"{field}.seconds.{measure}",
            )
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
