"""Whatever is asked of an incident, in whatever order, it keeps to its process."""

from datetime import datetime, timedelta

from an_incident import AFFECTED, AGENT, CALLER, LEAD, MACHINE, MONDAY, log
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from deskstream.decider import Occasion, Refusal
from incident.commands import (
    AddComment,
    AddNote,
    AssignIncident,
    CancelIncident,
    CloseByItself,
    CloseIncident,
    ConfirmResolution,
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    PutOnHold,
    ReopenIncident,
    ResolveIncident,
    ResumeWork,
    ReturnToQueue,
    StartWork,
)
from incident.decider import incident_decider
from incident.decider.state import Unlogged
from incident.events import CODEC
from incident.terms import HoldReason, ResolutionCode, Status

DECIDER = incident_decider()
STEPS = {
    (Status.NEW, Status.IN_PROGRESS),
    (Status.NEW, Status.ON_HOLD),
    (Status.NEW, Status.RESOLVED),
    (Status.NEW, Status.CANCELLED),
    (Status.IN_PROGRESS, Status.ON_HOLD),
    (Status.IN_PROGRESS, Status.RESOLVED),
    (Status.IN_PROGRESS, Status.CANCELLED),
    (Status.ON_HOLD, Status.IN_PROGRESS),
    (Status.ON_HOLD, Status.RESOLVED),
    (Status.ON_HOLD, Status.CANCELLED),
    (Status.RESOLVED, Status.IN_PROGRESS),
    (Status.RESOLVED, Status.CLOSED),
    (Status.CLOSED, Status.IN_PROGRESS),
}

actors = st.sampled_from([CALLER, AFFECTED, AGENT, LEAD, MACHINE])
waits = st.sampled_from([timedelta(0), timedelta(minutes=1), timedelta(days=2), timedelta(days=8)])
backdating = st.none() | waits


def hold(now: datetime, reason: HoldReason, lasting: timedelta | None) -> PutOnHold:
    supplier = "Northwind" if reason is HoldReason.AWAITING_SUPPLIER else None
    until = now + lasting if lasting is not None else None
    return PutOnHold(reason=reason, until=until, supplier=supplier, text="It waits.")


requests = st.one_of(
    st.sampled_from(
        [
            lambda _: log(),
            lambda _: StartWork(),
            lambda _: ResumeWork(),
            lambda _: ReturnToQueue(),
            lambda _: ConfirmResolution(),
            lambda _: CloseIncident(),
            lambda _: CloseByItself(),
            lambda _: AssignIncident(group="network"),
            lambda _: AddComment(text="Yes."),
            lambda _: AddNote(text="No."),
            lambda _: ResolveIncident(code=ResolutionCode.FIXED, text="Done."),
            lambda _: ReopenIncident(reason="Again."),
            lambda _: CancelIncident(reason="Never mind."),
            lambda _: NoteServiceLevelBreach(
                target="resolution", cycle=1, due_at=MONDAY, detected_at=MONDAY, late_by_seconds=1.0
            ),
            lambda _: NoteBreachCorrection(target="resolution", cycle=1),
        ]
    ),
    st.builds(
        lambda reason, lasting: lambda now: hold(now, reason, lasting),
        st.sampled_from(HoldReason),
        st.none() | waits,
    ),
)


@settings(max_examples=150, deadline=None)
@given_any(st.lists(st.tuples(requests, actors, waits, backdating), max_size=25))
def test_any_life_keeps_to_the_process(life):
    now, state, history = MONDAY, DECIDER.initial, []
    for request, actor, wait, ago in [(lambda _: log(), CALLER, timedelta(0), None), *life]:
        now += wait
        when = Occasion(actor, now, None if ago is None else now - ago)
        decided = DECIDER.decide(request(now), when, state)
        if isinstance(decided, Refusal):
            assert decided.detail.endswith("."), decided
            continue
        for fact in decided:
            before = state
            dated = fact if fact.at else fact.model_copy(update={"at": now})
            state = DECIDER.evolve(before, dated)
            history.append(dated)
            assert_one_step(before, state)
    assert stored_and_read_again(history) == history
    assert DECIDER.fold(stored_and_read_again(history)) == state
    assert all(fact.in_words() for fact in history)


def assert_one_step(before, after):
    if not isinstance(before, Unlogged) and before.status is not after.status:
        assert (before.status, after.status) in STEPS
    assert (after.hold is not None) == (after.status is Status.ON_HOLD)
    assert (after.resolved_at is not None) == (after.status in {Status.RESOLVED, Status.CLOSED})
    if not isinstance(before, Unlogged):
        assert after.told_until >= before.told_until


def stored_and_read_again(history):
    return [CODEC.decode(*CODEC.encode(fact), fact.time) for fact in history]
