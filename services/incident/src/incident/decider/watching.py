"""Who follows an incident without being concerned."""

from typing import assert_never

from deskstream.decider import Refusal
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.decider.people import IMPORTER, STAFF
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident
from incident.events.watching import IncidentUnwatched, IncidentWatched, WatchingEvent


def watch(command: WatchIncident, situation: Situation) -> Decision:
    """Nothing happens if they see and hear of it already."""
    if refusal := _presumptuous(command.person, situation):
        return refusal
    person, incident = command.person or situation.by.name, situation.incident
    if person in incident.belongings.watchers | incident.people:
        return []
    return [IncidentWatched(person=person)]


def unwatch(command: UnwatchIncident, situation: Situation) -> Decision:
    """Nothing happens if they do not watch it; whom it concerns goes on to hear of it."""
    if refusal := _presumptuous(command.person, situation):
        return refusal
    person = command.person or situation.by.name
    if person not in situation.incident.belongings.watchers:
        return []
    return [IncidentUnwatched(person=person)]


def _presumptuous(person: str | None, situation: Situation) -> Refusal | None:
    """Who watches sees it, so who asks for help lets nobody else in."""
    if person in (None, situation.by.name) or situation.who & (STAFF | IMPORTER):
        return None
    return Refusal(
        "watch-for-yourself",
        "You can watch it yourself; let the service desk say who else does.",
        field="person",
    )


def evolve(incident: Incident, event: WatchingEvent) -> Incident:
    """The incident after this fact."""
    watchers = incident.belongings.watchers
    match event:
        case IncidentWatched(person=person):
            return incident.owning(watchers=watchers | {person})
        case IncidentUnwatched(person=person):
            return incident.owning(watchers=watchers - {person})
        case _:
            assert_never(event)
