"""What may be told afterwards, by whom, and how long afterwards."""

from datetime import timedelta

from deskstream.decider import Occasion, Refusal
from incident.decider.life import LIFE, Late, Way
from incident.decider.people import IMPORTER, STAFF, known_as
from incident.decider.state import Incident, State
from incident.terms import ProcessPolicy


def untimely(way: Way, when: Occasion, state: State, policy: ProcessPolicy) -> Refusal | None:
    """Why this cannot have happened when the command says, if it cannot."""
    happened, who = when.at, known_as(when.by, state)
    if happened is None:
        return None
    if not who & (STAFF | IMPORTER):
        return _refused("told-by-staff-only", "Only who works on incidents can date them back.")
    if happened > when.now:
        return _refused("in-the-future", "It cannot have happened in the future.")
    if isinstance(state, Incident) and happened < state.told_until:
        return _refused(
            "before-last-event",
            f"What happened last to this incident was at {state.told_until.isoformat()};"
            " it cannot have happened before that.",
        )
    return None if IMPORTER in who else _forgotten(way, when.now - happened, policy)


def _forgotten(way: Way, ago: timedelta, policy: ProcessPolicy) -> Refusal | None:
    """People date back some things only, and not from long ago."""
    if way.late is Late.NO:
        others = [one.words for one in LIFE.values() if one.late is Late.YES]
        return _refused(
            "cannot-be-told-afterwards", f"You can date back only to {', '.join(others)}."
        )
    limit = policy.told_afterwards_within
    if ago > limit:
        return _refused("too-long-ago", f"It cannot be dated back more than {limit.days} days.")
    return None


def _refused(code: str, detail: str) -> Refusal:
    return Refusal(code, detail, field="happened_at")
