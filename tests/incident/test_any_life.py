"""Whatever is asked of an incident, in whatever order, it keeps to its process."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from an_incident import (
    AFFECTED,
    AGENT,
    CALLER,
    COMMANDS,
    IMPORTER,
    LEAD,
    MACHINE,
    MONDAY,
)
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from test_every_state_and_command import STEPS

from deskstream.decider import Occasion, Refusal
from deskstream.timer import SetTimer
from incident.commands import IncidentCommand
from incident.commands.holding import PutOnHold
from incident.commands.triage import LogIncident
from incident.decider import incident_decider
from incident.decider.state import Child, Incident, OnHold, Unlogged
from incident.events import CODEC
from incident.events.triage import IncidentLogged
from incident.policies import timers_after
from incident.projections.columns import Added, Removed, beginning, changes
from incident.terms import HoldReason, Status

DECIDER = incident_decider()
WAITS = [timedelta(0), timedelta(minutes=1), timedelta(days=2), timedelta(days=8)]

actors = st.sampled_from([CALLER, AFFECTED, AGENT, LEAD, MACHINE, IMPORTER])
waits = st.sampled_from(WAITS)


@dataclass(frozen=True)
class Hold:
    """A hold that lasts so long from whenever it begins."""

    reason: HoldReason
    lasting: timedelta | None

    def beginning(self, now: datetime) -> PutOnHold:
        supplier = "Northwind" if self.reason is HoldReason.AWAITING_SUPPLIER else None
        until = None if self.lasting is None else now + self.lasting
        return PutOnHold(reason=self.reason, until=until, supplier=supplier, text="It waits.")


holds = st.builds(
    Hold,
    st.sampled_from(HoldReason),
    st.none() | waits,
)
requests = st.sampled_from(list(COMMANDS.values())) | holds


def test_every_command_is_asked():
    assert set(COMMANDS) == set(get_args(IncidentCommand))


@settings(max_examples=300, deadline=None)
@given_any(st.lists(st.tuples(requests, actors, waits, st.none() | waits), max_size=25))
def test_any_life_keeps_to_the_process(life):
    now, state, history = MONDAY, DECIDER.initial, []
    for request, actor, wait, ago in [(COMMANDS[LogIncident], CALLER, WAITS[0], None), *life]:
        now += wait
        command = request.beginning(now) if isinstance(request, Hold) else request
        when = Occasion(actor, now, None if ago is None else now - ago)
        decided = DECIDER.decide(command, when, state)
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
    for fact in history:
        assert fact.in_words().strip()
    assert row_of(history) == shown(state)
    assert pending(history) == what_waits(state)


def assert_one_step(before, after):
    if isinstance(before, Unlogged):
        return
    if before.status is not after.status:
        assert (before.status, after.status) in STEPS
    assert after.told_until >= before.told_until


def stored_and_read_again(history):
    return [CODEC.decode(*CODEC.encode(fact), fact.time) for fact in history]


def row_of(history) -> dict[str, Any]:
    """The row that lists show, as the projection writes it."""
    row: dict[str, Any] = {"hold_reason": None, "held_by": None, "person": None}
    row |= {"resolved_at": None, "breaches": [], "parent": None, "major": None, "been_with": []}
    for fact in history:
        written = beginning(fact) if isinstance(fact, IncidentLogged) else changes(fact)
        for column, value in written.items():
            match value:
                case Added(element):
                    row[column] = [*row[column], element]
                case Removed(element):
                    row[column] = [one for one in row[column] if one != element]
                case _:
                    row[column] = value
    wanted = ("status", "priority", "impact", "urgency", "held_by", "person", "hold_reason")
    lists = {name: sorted(set(row[name])) for name in ("breaches", "people", "been_with")}
    return {name: row[name] for name in (*wanted, "resolved_at", "parent", "major")} | lists


def shown(incident: Incident) -> dict[str, Any]:
    """The same of the item."""
    phase, resolution = incident.phase, incident.resolution
    return {
        "status": incident.status,
        "priority": incident.priority,
        "impact": incident.impact,
        "urgency": incident.urgency,
        "held_by": incident.group,
        "person": incident.person,
        "hold_reason": phase.reason if isinstance(phase, OnHold) else None,
        "resolved_at": resolution and resolution.at,
        "parent": incident.family.parent.number if isinstance(incident.family, Child) else None,
        "people": sorted(incident.people | incident.belongings.watchers),
        "major": incident.major,
        "breaches": sorted(f"{target}:{cycle}" for target, cycle in incident.breached),
        "been_with": sorted(incident.held_by),
    }


def pending(history) -> dict[str, datetime]:
    """The timers that are set after these facts."""
    timers: dict[str, datetime] = {}
    for fact in history:
        for change in timers_after(fact):
            timers.pop(change.name, None)
            if isinstance(change, SetTimer):
                timers[change.name] = change.due_at
    return timers


def what_waits(incident: Incident) -> dict[str, datetime]:
    """What must happen by itself."""
    phase, resolution = incident.phase, incident.resolution
    waits = {"major_update": incident.declared.remind_at} if incident.declared else {}
    if incident.override is not None:
        waits["override"] = incident.override.until
    if isinstance(phase, OnHold) and phase.remind_at is not None:
        waits["reminder"] = phase.remind_at
    if isinstance(phase, OnHold) and phase.until is not None:
        waits["end_of_hold"] = phase.until
    if incident.status is Status.RESOLVED and resolution is not None:
        waits["closing"] = resolution.closes_at
    return waits
