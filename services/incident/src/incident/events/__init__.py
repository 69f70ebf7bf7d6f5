"""What can have happened to an incident, by subject."""

from typing import Final

from deskstream.codec import Codec
from incident.events import conversation, ending, triage
from incident.events.conversation import ConversationEvent
from incident.events.conversion import ConversionEvent
from incident.events.ending import EndingEvent
from incident.events.family import FamilyEvent
from incident.events.holding import HoldingEvent
from incident.events.links import LinkEvent
from incident.events.major import MajorEvent
from incident.events.merging import MergingEvent
from incident.events.overriding import OverridingEvent
from incident.events.service_levels import ServiceLevelEvent
from incident.events.triage import TriageEvent
from incident.events.watching import WatchingEvent
from incident.events.work import WorkEvent

IncidentEvent = (
    TriageEvent
    | WorkEvent
    | HoldingEvent
    | ConversationEvent
    | WatchingEvent
    | LinkEvent
    | EndingEvent
    | ConversionEvent
    | FamilyEvent
    | MergingEvent
    | MajorEvent
    | OverridingEvent
    | ServiceLevelEvent
)

CODEC: Final[Codec[IncidentEvent]] = Codec.of(
    IncidentEvent, upcasters=conversation.UPCASTERS | ending.UPCASTERS | triage.UPCASTERS
)
