"""What can be asked of an incident, by subject."""

from incident.commands.conversation import ConversationCommand
from incident.commands.ending import EndingCommand
from incident.commands.holding import HoldingCommand
from incident.commands.service_levels import ServiceLevelCommand
from incident.commands.triage import TriageCommand
from incident.commands.work import WorkCommand

IncidentCommand = (
    TriageCommand
    | WorkCommand
    | HoldingCommand
    | ConversationCommand
    | EndingCommand
    | ServiceLevelCommand
)
