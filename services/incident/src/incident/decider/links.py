"""What an incident is connected with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, assert_never

from deskstream.decider import Refusal
from incident.commands.links import LinkIncident, UnlinkIncident
from incident.decider.people import IMPORTER
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident
from incident.events.links import IncidentLinked, IncidentUnlinked, LinkEvent
from incident.terms.related import LinkKind

BEGINS_WITH: Final[Mapping[LinkKind, str]] = {
    LinkKind.PROBLEM: "PRB",
    LinkKind.CHANGE: "CHG",
    LinkKind.CAUSED_BY_CHANGE: "CHG",
    LinkKind.RELATED: "",
    LinkKind.DUPLICATE: "INC",
    LinkKind.AFFECTED_SERVICE: "",
    LinkKind.CONFIGURATION_ITEM: "",
}
"""The numbers of what can be linked so; what has none can be named in any way."""


def link(command: LinkIncident, situation: Situation) -> Decision:
    """Nothing happens if it is linked so already; another tool has numbers of its own."""
    if (command.kind, command.to) in situation.incident.links:
        return []
    if not (command.to.startswith(BEGINS_WITH[command.kind]) or IMPORTER in situation.who):
        wanted = BEGINS_WITH[command.kind]
        return Refusal("number-of-another-kind", f"Name it by its number, {wanted}….", field="to")
    if command.to == situation.incident.report.number:
        return Refusal("itself", "Name another one: it has to do with itself anyway.", field="to")
    return [IncidentLinked(kind=command.kind, to=command.to)]


def unlink(command: UnlinkIncident, situation: Situation) -> Decision:
    """Nothing happens if it is not linked so."""
    if (command.kind, command.to) not in situation.incident.links:
        return []
    return [IncidentUnlinked(kind=command.kind, to=command.to)]


def evolve(incident: Incident, event: LinkEvent) -> Incident:
    """The incident after this fact."""
    link = {(event.kind, str(event.to))}
    match event:
        case IncidentLinked():
            return replace(incident, links=incident.links | link)
        case IncidentUnlinked():
            return replace(incident, links=incident.links - link)
        case _:
            assert_never(event)
