"""The work on an incident."""

from typing import assert_never

from incident.commands.work import RecordWork, StartWork
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, InProgress
from incident.events.work import WorkEvent, WorkRecorded, WorkStarted
from incident.terms.related import Effort


def start(_: StartWork, __: Situation) -> Decision:
    """Somebody begins."""
    return [WorkStarted()]


def record(command: RecordWork, situation: Situation) -> Decision:
    """Whoever records it did it, unless they name somebody else."""
    person = command.person or situation.by.name
    return [WorkRecorded(person=person, minutes=command.minutes, kind=command.kind)]


def evolve(incident: Incident, event: WorkEvent) -> Incident:
    """The incident after this fact."""
    match event:
        case WorkStarted():
            return incident.turned(InProgress())
        case WorkRecorded(person=person, minutes=minutes, kind=kind):
            effort = Effort(person=person, minutes=minutes, kind=kind)
            return incident.owning(efforts=(*incident.belongings.efforts, effort))
        case _:
            assert_never(event)
