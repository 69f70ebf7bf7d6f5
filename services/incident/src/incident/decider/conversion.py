"""An incident that is none."""

from incident.commands.conversion import ConvertToRequest
from incident.decider.family import childless
from incident.decider.major import stood_down
from incident.decider.situation import Decision, Situation
from incident.decider.state import Converted, Incident
from incident.events.conversion import ConversionEvent, IncidentConverted


def convert(command: ConvertToRequest, situation: Situation) -> Decision:
    """It ends here, and goes on as a request."""
    if refusal := childless(situation.incident) or stood_down(situation.incident):
        return refusal
    return [*situation.incident.leaving, IncidentConverted(reason=command.reason)]


def evolve(incident: Incident, _: ConversionEvent) -> Incident:
    """The incident after this fact."""
    return incident.turned(Converted())
