"""What can be read about clocks."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

import asyncpg
from pydantic import AwareDatetime, Field

from deskstream.access import Holding
from deskstream.database import Connection, Pool
from deskstream.envelope import Recorded
from deskstream.http.bodies import View
from deskstream.http.history import Shown
from deskstream.http.lists import CountQuery, Filter, Filters, Listing, ListQuery, Op, Sort
from deskstream.input import Moment
from deskstream_worktime.stopwatch import Segment
from sla_monitor.decider import Clock, Clocks, Phase
from sla_monitor.decider.agreements import Candidate, PolicyBook, PolicyVersion
from sla_monitor.decider.course import follow
from sla_monitor.events import ClockEvent, ClockStarted, TicketUncovered
from sla_monitor.terms import Promise, Target, Ticket


class ClockFilters(Filters):
    """Which clocks are asked for."""

    phase: Annotated[list[Phase], Filter("r.phase", Op.ANY_OF)] = Field(
        default=[Phase.RUNNING, Phase.PAUSED]
    )
    target: Annotated[Target | None, Filter("r.target")] = None
    priority: Annotated[int | None, Filter("r.priority")] = None
    service: Annotated[str | None, Filter("r.service")] = None
    organisation: Annotated[str | None, Filter("r.organisation")] = None
    group: Annotated[str | None, Filter("r.held_by")] = None
    ticket: Annotated[str | None, Filter("r.number")] = None
    breached: Annotated[bool | None, Filter("(r.breached_at IS NOT NULL)")] = None
    due_before: Annotated[Moment | None, Filter("r.due_or_never", Op.BEFORE)] = None


class ClockQuery(ClockFilters, ListQuery):
    """A page of clocks."""

    sort: Literal["due", "-due", "number", "-number"] = "due"


class ClockCounts(ClockFilters, CountQuery):
    """How many clocks there are, by one of their members."""

    by: Literal["phase", "target", "priority", "breached"] = "phase"


COLUMNS = """
r.clocks, r.ticket, r.number, r.target, r.cycle, r.phase, r.priority, r.service, r.agreement,
r.seconds, r.started_at, r.due_at, r.warned, r.suspected, r.breached_at, r.stopped_at,
r.elapsed_seconds, r.met, r.organisation, r.held_by
"""
CLOCK_LISTING = Listing(
    table="clocks",
    columns=COLUMNS,
    sorts={"due": Sort("r.due_or_never"), "number": Sort("r.number", "text")},
    counts={
        "phase": "r.phase",
        "target": "r.target",
        "priority": "r.priority",
        "breached": "r.breached_at IS NOT NULL",
    },
)


class ClockRow(View):
    """A clock in a list."""

    id: str
    ticket: str
    number: str
    target: Target
    cycle: int
    phase: Phase
    priority: int
    service: str | None
    organisation: str | None
    group: str | None
    agreement: str
    seconds: int
    started_at: AwareDatetime
    due_at: AwareDatetime | None
    warned: Decimal | None
    suspected: bool
    breached_at: AwareDatetime | None
    stopped_at: AwareDatetime | None
    elapsed_seconds: float | None
    met: bool | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """A row of `clocks`."""
        members = {name: row[name] for name in cls.model_fields if name not in {"id", "group"}}
        return cls(id=row["clocks"].removeprefix("clock-"), group=row["held_by"], **members)


class SegmentView(View):
    """A stretch of a clock's course, and the event that began it."""

    phase: str
    start: AwareDatetime
    end: AwareDatetime
    working_seconds: float
    cause: str


class CandidateView(View):
    """An agreement that was considered; `lost` says why it was not chosen."""

    agreement: str
    version: int
    name: str
    lost: str | None


class ClockExplained(View):
    """One clock, with everything that its due time rests on."""

    target: Target
    cycle: int
    phase: Phase
    due_at: AwareDatetime | None
    breached_at: AwareDatetime | None
    suspected: bool
    elapsed_seconds: float
    paused_seconds: float
    promise: Promise
    segments: list[SegmentView]
    why: str


class TicketClocks(View):
    """All clocks of a ticket, explained."""

    ticket: str
    number: str
    until: AwareDatetime
    clocks: list[ClockExplained]
    candidates: list[CandidateView]
    uncovered: str | None


def holding_of(state: Clocks) -> Holding:
    """Who may see the clocks: those who may see the ticket."""
    ticket = state.subject
    if ticket is None:
        return Holding(None, frozenset(), None, restricted=True)
    return Holding(ticket.organisation, frozenset(ticket.people), ticket.group, ticket.restricted)


def explain(
    events: Sequence[Recorded[ClockEvent]], state: Clocks, book: PolicyBook, until: datetime
) -> TicketClocks:
    """Every segment, the event that caused it, and why the due time is what it is."""
    opened = next(e for e in events if isinstance(e.fact, ClockStarted | TicketUncovered))
    subject: Ticket = opened.fact.subject  # type: ignore[union-attr]  # both have one
    choice = book.choose(subject, opened.occurred_at)
    fact = opened.fact
    return TicketClocks(
        ticket=subject.stream,
        number=subject.number,
        until=until,
        clocks=[_explained(clock, book, until) for clock in state.clocks.values()],
        candidates=[_candidate(one) for one in choice.candidates],
        uncovered=fact.because if isinstance(fact, TicketUncovered) else None,
    )


def _candidate(one: Candidate) -> CandidateView:
    return CandidateView(
        agreement=one.agreement.id, version=one.agreement.version, name=one.name, lost=one.lost
    )


def _explained(clock: Clock, book: PolicyBook, until: datetime) -> ClockExplained:
    watch = follow(clock, book.calendars)
    until = max(until, watch.since)
    segments = watch.segments_until(until)
    return ClockExplained(
        target=clock.target,
        cycle=clock.cycle,
        phase=clock.phase,
        due_at=watch.due,
        breached_at=clock.breached_at,
        suspected=clock.suspected,
        elapsed_seconds=watch.elapsed(until).total_seconds(),
        paused_seconds=watch.paused_working(until).total_seconds(),
        promise=clock.promise,
        segments=[_segment(segment, clock) for segment in segments],
        why=_why(clock, segments, watch.due),
    )


def _segment(segment: Segment, clock: Clock) -> SegmentView:
    causes = {clock.started_at: clock.started_by} | {move.at: move.cause for move in clock.moves}
    return SegmentView(
        phase=segment.phase,
        start=segment.start,
        end=segment.end,
        working_seconds=segment.working.total_seconds(),
        cause=causes.get(segment.start, clock.started_by),
    )


def _why(clock: Clock, segments: Sequence[Segment], due: datetime | None) -> str:
    ran = sum(one.working.total_seconds() for one in segments if one.phase == "running")
    stood = sum(one.working.total_seconds() for one in segments if one.phase == "paused")
    promise = clock.promise
    promised = (
        f"Agreement {promise.agreement.id} (version {promise.agreement.version}) promises"
        f" {promise.seconds} s of the working time of calendar {promise.calendar.id}"
        f" (version {promise.calendar.version}), counted from {clock.started_at.isoformat()}."
    )
    course = f" {ran:g} s have counted, {stood:g} s stood still."
    if due is None:
        return f"{promised}{course} While it is paused it is due at no time."
    return f"{promised}{course} So it is due at {due.isoformat()}."


class ClockNow(View):
    """A clock as it stands."""

    target: Target
    cycle: int
    phase: Phase
    promise: Promise
    started_at: AwareDatetime
    due_at: AwareDatetime | None
    suspected: bool
    breached_at: AwareDatetime | None

    @classmethod
    def of(cls, clock: Clock) -> Self:
        """From the state."""
        return cls(**{name: getattr(clock, name) for name in cls.model_fields})


class ClocksView(View):
    """All clocks of a ticket as they stand."""

    id: str
    ticket: str
    number: str
    version: int
    clocks: list[ClockNow]


def render(shown: Shown[Clocks]) -> ClocksView:
    """The clocks of a ticket, without explanation."""
    ticket = shown.state.subject
    return ClocksView(
        id=shown.identity,
        ticket=ticket.stream if ticket else "",
        number=ticket.number if ticket else "",
        version=shown.version,
        clocks=[ClockNow.of(clock) for clock in shown.state.clocks.values()],
    )


async def read_policies(database: Connection | Pool) -> PolicyBook:
    """The policies as the consumer has copied them."""
    rows = await database.fetch(
        "SELECT kind, id, version, effective_from, definition FROM policies"
    )
    ended = await database.fetch("SELECT agreement, ends_at FROM terminations")
    versions = [
        PolicyVersion(
            row["kind"],
            row["id"],
            row["version"],
            row["effective_from"],
            json.loads(row["definition"]),
        )
        for row in rows
    ]
    return PolicyBook.of(versions, {row["agreement"]: row["ends_at"] for row in ended})
