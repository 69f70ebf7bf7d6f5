"""What can have happened to an incident, by subject."""

from typing import Final

from deskstream.codec import Codec
from incident.events import conversation, ending, triage
from incident.events.conversation import ConversationEvent
from incident.events.ending import EndingEvent
from incident.events.holding import HoldingEvent
from incident.events.service_levels import ServiceLevelEvent
from incident.events.triage import TriageEvent
from incident.events.work import WorkEvent

IncidentEvent = (
    TriageEvent | WorkEvent | HoldingEvent | ConversationEvent | EndingEvent | ServiceLevelEvent
)

CODEC: Final[Codec[IncidentEvent]] = Codec.of(
    IncidentEvent, upcasters=conversation.UPCASTERS | ending.UPCASTERS | triage.UPCASTERS
)
