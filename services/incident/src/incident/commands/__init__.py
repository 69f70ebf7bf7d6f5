"""What can be asked of an incident, by subject."""

from incident.commands.conversation import ConversationCommand
from incident.commands.conversion import ConversionCommand
from incident.commands.ending import EndingCommand
from incident.commands.family import FamilyCommand
from incident.commands.holding import HoldingCommand
from incident.commands.links import LinkCommand
from incident.commands.major import MajorCommand
from incident.commands.merging import MergingCommand
from incident.commands.overriding import OverridingCommand
from incident.commands.service_levels import ServiceLevelCommand
from incident.commands.triage import TriageCommand
from incident.commands.watching import WatchingCommand
from incident.commands.work import WorkCommand

IncidentCommand = (
    TriageCommand
    | WorkCommand
    | HoldingCommand
    | ConversationCommand
    | WatchingCommand
    | LinkCommand
    | EndingCommand
    | ConversionCommand
    | FamilyCommand
    | MergingCommand
    | MajorCommand
    | OverridingCommand
    | ServiceLevelCommand
)
