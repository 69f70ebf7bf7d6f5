"""Why the clocks of a ticket are due when they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime

from deskstream.access import Holding as Access
from deskstream.envelope import Recorded
from deskstream.http.bodies import View
from deskstream.http.history import Shown
from deskstream_worktime.stopwatch import Stopwatch
from sla_monitor.decider import CLOCKS, Clock, Clocks
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.decider.course import follow
from sla_monitor.events import ClockEvent, ClockStarted, TicketTurned, TicketUncovered
from sla_monitor.queries.holders import Holding, holdings
from sla_monitor.queries.segments import SegmentView, segments_of
from sla_monitor.queries.standing import StandsOn
from sla_monitor.terms import (
    TO_CUSTOMERS,
    Candidate,
    Kind,
    Phase,
    Promise,
    Standing,
    Target,
    Ticket,
)


class CandidateView(View):
    """An agreement that was considered; `lost` says why it was not chosen."""

    agreement: str
    version: int
    name: str
    lost: str | None


class DueView(View):
    """What a due time follows from.

    Attributes:
        counted_seconds: of working time that count against the promise.
        paused_seconds: of working time that stood still.
        left_seconds: of working time; negative when it is overspent.
        tzdata: edition of the time zone rules by which it is reckoned.
    """

    started_at: AwareDatetime
    promised_seconds: int
    counted_seconds: float
    paused_seconds: float
    left_seconds: float
    calendar: str
    calendar_version: int
    tzdata: str


class ClockExplained(View):
    """One cycle of one clock, with everything that its due time rests on."""

    target: Target
    cycle: int
    phase: Phase
    due_at: AwareDatetime | None
    breached_at: AwareDatetime | None
    suspected: bool
    met: bool | None
    would_be_met: bool | None
    elapsed_seconds: float
    paused_seconds: float
    promise: Promise
    candidates: list[CandidateView]
    segments: list[SegmentView]
    due: DueView
    why: str


class TicketClocks(View):
    """All clocks of a ticket, explained.

    Attributes:
        until: the moment up to which their time is counted.
        as_of: only what was known by then is in it.
        candidates: the agreements that were considered when nothing was found.
        others: the agreements that were known and in force, for another customer, service, group or
            supplier.
        held: who had to act for the ticket since when.
    """

    ticket: str
    number: str
    until: AwareDatetime
    as_of: AwareDatetime | None
    standing: Standing
    clocks: list[ClockExplained]
    candidates: list[CandidateView]
    others: list[CandidateView]
    uncovered: str | None
    held: list[Holding]
    stands_on: StandsOn


@dataclass(frozen=True, slots=True)
class Question:
    """About which moment it is asked, and by whose knowledge.

    Args:
        now: the database's time.
        at: as true then; now by default.
        as_of: as known then; now by default.
    """

    now: datetime
    at: datetime | None = None
    as_of: datetime | None = None

    @property
    def until(self) -> datetime:
        """The moment that is asked about."""
        return self.at or self.as_of or self.now


def access_to(state: Clocks) -> Access:
    """Who may see the clocks: those who may see the ticket."""
    ticket = state.subject
    if ticket is None:
        return Access(None, frozenset(), None, restricted=True)
    return Access(ticket.organisation, frozenset(ticket.people), ticket.group, ticket.restricted)


def explain(
    events: Sequence[Recorded[ClockEvent]], book: PolicyBook, asked: Question, ground: StandsOn
) -> TicketClocks | None:
    """Every segment, the event that caused it, and why the due time is what it is.

    None if nothing of the ticket was known then, or it was not opened yet.
    """
    known = [one for one in events if asked.as_of is None or one.recorded_at <= asked.as_of]
    opened = _opening(known)
    if opened is None or opened[1].occurred_at > asked.until:
        return None
    subject, first = opened
    state = CLOCKS.fold(one.fact for one in known)
    held = [one for one in holdings(known) if one.since <= asked.until]
    cycles = [clock.as_at(asked.until) for clock in state.all_cycles()]
    uncovered = _uncovered(known, asked.until)
    then = first.occurred_at, first.recorded_at
    others = [one for kind in Kind for one in book.others(subject, kind, *then)]
    return TicketClocks(
        ticket=subject.stream,
        number=subject.number,
        until=asked.until,
        as_of=asked.as_of,
        standing=_standing(known, asked.until),
        clocks=[_explained(one, held, book, asked.until) for one in cycles if one is not None],
        candidates=_candidates(uncovered.candidates if uncovered else ()),
        others=_candidates(others),
        uncovered=uncovered.because if uncovered else None,
        held=held,
        stands_on=ground,
    )


def _opening(
    events: Sequence[Recorded[ClockEvent]],
) -> tuple[Ticket, Recorded[ClockEvent]] | None:
    for event in events:
        if isinstance(event.fact, ClockStarted | TicketUncovered):
            return event.fact.subject, event
    return None


def _uncovered(events: Sequence[Recorded[ClockEvent]], until: datetime) -> TicketUncovered | None:
    """Why nothing was promised then, unless something was promised after all."""
    found: TicketUncovered | None = None
    for one in events:
        if one.occurred_at > until:
            continue
        if isinstance(one.fact, TicketUncovered):
            found = one.fact
        elif isinstance(one.fact, ClockStarted) and one.fact.target in TO_CUSTOMERS:
            found = None
    return found


def _standing(events: Sequence[Recorded[ClockEvent]], until: datetime) -> Standing:
    turns = [
        one.fact.to
        for one in events
        if isinstance(one.fact, TicketTurned) and one.occurred_at <= until
    ]
    return turns[-1] if turns else Standing.WORKING


def _explained(
    clock: Clock, held: Sequence[Holding], book: PolicyBook, until: datetime
) -> ClockExplained:
    watch = follow(clock, book.calendars)
    until = max(until, watch.since)
    if clock.ended_at is not None:
        until = max(watch.since, min(until, clock.ended_at))
    elapsed, paused = watch.elapsed(until), watch.paused_working(until)
    segments = segments_of(clock, watch.segments_until(until), held, book.calendars)
    due = _due(clock, elapsed.total_seconds(), paused.total_seconds(), book.tzdata)
    return ClockExplained(
        target=clock.target,
        cycle=clock.cycle,
        phase=clock.phase,
        due_at=watch.due,
        breached_at=clock.breached_at,
        suspected=clock.suspected,
        met=clock.met,
        would_be_met=clock.would_be_met,
        elapsed_seconds=due.counted_seconds,
        paused_seconds=due.paused_seconds,
        promise=clock.promise,
        candidates=_candidates(clock.candidates),
        segments=segments,
        due=due,
        why=_why(clock, due, watch),
    )


def _candidates(candidates: Sequence[Candidate]) -> list[CandidateView]:
    return [
        CandidateView(
            agreement=one.agreement.id, version=one.agreement.version, name=one.name, lost=one.lost
        )
        for one in candidates
    ]


def _due(clock: Clock, counted: float, paused: float, tzdata: str) -> DueView:
    promise = clock.promise
    return DueView(
        started_at=clock.started_at,
        promised_seconds=promise.seconds,
        counted_seconds=counted,
        paused_seconds=paused,
        left_seconds=promise.seconds - counted,
        calendar=promise.calendar.id,
        calendar_version=promise.calendar.version,
        tzdata=tzdata,
    )


def _why(clock: Clock, due: DueView, watch: Stopwatch) -> str:
    promise = clock.promise
    agreed = (
        f"{_name(clock)} (version {promise.agreement.version}) promises"
        f" {promise.seconds} s of the working time of calendar {promise.calendar.id}"
        f" (version {promise.calendar.version}), counted from {clock.started_at.isoformat()}."
    )
    said = [agreed]
    changes = [move for move in clock.moves if move.promise is not None]
    if changes:
        last = changes[-1]
        said.append(f"That holds since {last.at.isoformat()}; the time used is: {last.rebase}.")
    said.append(f"{due.counted_seconds:g} s have counted, {due.paused_seconds:g} s stood still.")
    if watch.due is None and clock.phase is Phase.PAUSED:
        said.append("While it is paused it is due at no time.")
    elif watch.due is None:
        said.append("Its calendar holds no such time any more, so it is due at no time.")
    elif watch.exhausted_at is not None:
        said.append(f"No time was left, so it is due at that instant: {watch.due.isoformat()}.")
    else:
        said.append(f"So it is due at {watch.due.isoformat()}.")
    return " ".join(said)


def _name(clock: Clock) -> str:
    """What the agreement was called that won, with its id."""
    won = [one.name for one in clock.candidates if one.agreement == clock.promise.agreement]
    called = f"“{won[0]}” " if won else ""
    return f"Agreement {called}{clock.promise.agreement.id}"


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
    met: bool | None

    @classmethod
    def of(cls, clock: Clock) -> "ClockNow":
        """From the state."""
        return cls(**{name: getattr(clock, name) for name in cls.model_fields})


class ClocksView(View):
    """All clocks of a ticket as they stand; `former` are the cycles that others followed."""

    id: str
    ticket: str
    number: str
    version: int
    standing: Standing
    uncovered: str | None
    clocks: list[ClockNow]
    former: list[ClockNow]


def render(shown: Shown[Clocks]) -> ClocksView:
    """The clocks of a ticket, without explanation."""
    state = shown.state
    return ClocksView(
        id=shown.identity,
        ticket=state.subject.stream if state.subject else "",
        number=state.subject.number if state.subject else "",
        version=shown.version,
        standing=state.standing,
        uncovered=state.uncovered,
        clocks=[ClockNow.of(clock) for clock in state.clocks.values()],
        former=[ClockNow.of(clock) for clock in state.former],
    )
