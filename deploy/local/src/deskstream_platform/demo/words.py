"""Events in plain words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from deskstream_platform.demo.stream import Arrival

_Data = Mapping[str, Any]


def in_words(arrival: Arrival) -> str:
    """What happened, in a few words; the event's own name if it is a stranger."""
    words = _WORDS.get(arrival.type)
    return words(arrival.data) if words else arrival.type


def plain(word: str) -> str:
    """A word of the API as people write it."""
    return word.replace("_", " ")


def clock_time(moment: datetime) -> str:
    """A moment as a wall clock shows it, to the millisecond."""
    return moment.strftime("%H:%M:%S.%f")[:-3]


def _when(moment: str) -> str:
    return clock_time(datetime.fromisoformat(moment))


def _due(data: _Data) -> str:
    return f"due {_when(data['due_at'])}" if data.get("due_at") else "due at no time"


def _target(data: _Data) -> str:
    return f"{plain(data['target'])} clock".capitalize()


def _comment(data: _Data) -> str:
    return f"{'The agent' if data['speaker'] == 'agent' else 'The caller'} writes: {data['text']}"


def _share(fraction: object) -> str:
    return f"{float(str(fraction)):.0%}"


_WORDS: Final[Mapping[str, Callable[[_Data], str]]] = {
    "incident.logged.v1": lambda e: f"{e['number']} logged, priority {e['priority']}: {e['title']}",
    "incident.prioritised.v1": lambda e: f"Now has priority {e['priority']}",
    "incident.assigned.v2": lambda e: (
        f"Assigned to {e.get('person') or e.get('group') or 'nobody'}"
    ),
    "incident.work_started.v1": lambda _: "Work started",
    "incident.comment_added.v2": _comment,
    "incident.put_on_hold.v1": lambda e: f"On hold, {plain(e['reason'])}",
    "incident.resumed.v1": lambda e: f"Resumed: {plain(e['cause'])}",
    "incident.service_level_warned.v1": lambda e: f"Warning noted for {plain(e['target'])}",
    "incident.service_level_breached.v1": lambda e: f"Breach noted for {plain(e['target'])}",
    "incident.escalated.v1": lambda e: f"ESCALATED: {e['because']}",
    "incident.escalation_told.v1": lambda e: f"{e['whom']} is told",
    "incident.resolved.v2": lambda e: f"RESOLVED ({plain(e['code'])}): {e['text']}",
    "incident.reopened.v1": lambda _: "Reopened",
    "incident.closed.v1": lambda e: f"Closed: {plain(e['how'])}",
    "incident.cancelled.v1": lambda _: "Cancelled",
    "clock.started.v1": lambda e: f"{_target(e)}: {e['promise']['seconds']} s, {_due(e)}",
    "clock.paused.v1": lambda e: f"{_target(e)} stands still",
    "clock.resumed.v1": lambda e: f"{_target(e)} runs on, {_due(e)}",
    "clock.retargeted.v1": lambda e: f"{_target(e)}: {e['promise']['seconds']} s, {_due(e)}",
    "clock.warned.v1": lambda e: (
        f"WARNING: {_share(e['fraction'])} of the time for {plain(e['target'])} used"
    ),
    "clock.breach_suspected.v1": lambda e: f"{_target(e)}: breach suspected",
    "clock.suspicion_cleared.v1": lambda e: f"{_target(e)}: no breach",
    "clock.breached.v1": lambda e: (
        f"BREACH: {plain(e['target'])} missed, detected {e['late_by_seconds'] * 1000:.0f} ms later"
    ),
    "clock.stopped.v1": lambda e: f"{_target(e)} stopped, {float(e['elapsed_seconds']):.1f} s used",
    "clock.reopened.v1": lambda e: f"{_target(e)} goes on, {_due(e)}",
    "clock.finalised.v1": lambda e: f"{_target(e)} is final: {'met' if e['met'] else 'breached'}",
    "clock.cancelled.v1": lambda e: f"{_target(e)} cancelled",
    "clock.ticket_uncovered.v1": lambda e: f"Nothing is promised: {e['because']}",
    "clock.refolded.v1": lambda e: f"{_target(e)} reckoned again, {_due(e)}",
    "clock.ticket_turned.v1": lambda e: f"Clocks: the ticket is {e['to']}",
    "clock.ticket_handed_over.v1": lambda e: f"Clocks: held by {e['group']}",
}
