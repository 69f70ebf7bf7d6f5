"""In what situation a command meets an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from deskstream.decider import Actor, Occasion, Refusal
from incident.decider.people import Who, known_as
from incident.decider.state import Incident
from incident.events import IncidentEvent
from incident.terms import ProcessPolicy

Decision: TypeAlias = Sequence[IncidentEvent] | Refusal


@dataclass(frozen=True, slots=True)
class Situation:
    """The incident as it is, the occasion, and the process as it is set."""

    incident: Incident
    when: Occasion
    policy: ProcessPolicy

    @property
    def by(self) -> Actor:
        """Who gives the command."""
        return self.when.by

    @property
    def who(self) -> Who:
        """What they are to this incident."""
        return known_as(self.by, self.incident)

    @property
    def moment(self) -> datetime:
        """When the thing happens that the command asks for."""
        return self.when.moment
