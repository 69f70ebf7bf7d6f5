"""The work on an incident."""

from incident.commands.work import StartWork
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, InProgress
from incident.events.work import WorkEvent, WorkStarted


def start(_: StartWork, __: Situation) -> Decision:
    """Somebody begins."""
    return [WorkStarted()]


def evolve(incident: Incident, _: WorkEvent) -> Incident:
    """The incident after this fact."""
    return incident.turned(InProgress())
