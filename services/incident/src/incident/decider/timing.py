"""What may be told afterwards, by whom, and how long afterwards."""

from datetime import timedelta
from typing import Final

from deskstream.decider import Occasion, Refusal
from incident.commands import (
    AddComment,
    IncidentCommand,
    LogIncident,
    PutOnHold,
    ResolveIncident,
)
from incident.decider.people import is_machine, works_on_incidents
from incident.decider.state import State, Unlogged
from incident.terms import ProcessPolicy

TOLD_AFTERWARDS: Final = (LogIncident, AddComment, PutOnHold, ResolveIncident)


def untimely(
    command: IncidentCommand, when: Occasion, state: State, policy: ProcessPolicy
) -> Refusal | None:
    """Why this cannot have happened when the command says, if it cannot."""
    happened, now, by = when.at, when.now, when.by
    if happened is None:
        return None
    if not is_machine(by) and not works_on_incidents(by):
        return _refused("told-by-staff-only", "Only who works on incidents can date them back.")
    if happened > now:
        return _refused("in-the-future", "It cannot have happened in the future.")
    if not isinstance(state, Unlogged) and happened < state.told_until:
        return _refused(
            "before-last-event",
            f"What happened last to this incident was at {state.told_until.isoformat()};"
            " it cannot have happened before that.",
        )
    if is_machine(by):
        return None
    return _untimely_from_a_person(command, now - happened, policy)


def _untimely_from_a_person(
    command: IncidentCommand, ago: timedelta, policy: ProcessPolicy
) -> Refusal | None:
    if not isinstance(command, TOLD_AFTERWARDS):
        return _refused(
            "cannot-be-told-afterwards",
            "Only logging, commenting, putting on hold and resolving can be dated back.",
        )
    limit = policy.told_afterwards_within
    if ago > limit:
        return _refused("too-long-ago", f"It cannot be dated back more than {limit.days} days.")
    return None


def _refused(code: str, detail: str) -> Refusal:
    return Refusal(code, detail, field="happened_at")
