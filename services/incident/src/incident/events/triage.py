"""An incident was taken up."""

from datetime import datetime
from typing import ClassVar

from pydantic import AwareDatetime

from deskstream.decider import Fact
from incident.events.words import plain, utc
from incident.terms import (
    Channel,
    EscalationKind,
    Impact,
    Number,
    PersonName,
    Priority,
    Reference,
    Report,
    Text,
    Urgency,
)


class Judged(Fact):
    """The priority was looked up by impact and urgency, in this version of the table."""

    impact: Impact
    urgency: Urgency
    priority: Priority
    matrix_version: int

    @property
    def judgement(self) -> str:
        """The priority, and why it is that."""
        return f"Priority {self.priority} (impact {self.impact}, urgency {self.urgency})."


class IncidentLogged(Report, Judged, stored="incident.logged.v1"):
    """Somebody reported that a service does not work as it should."""

    number: Number
    channel: Channel
    impact: Impact
    urgency: Urgency

    @property
    def since(self) -> datetime:
        """When it was opened."""
        return self.time

    def in_words(self) -> str:
        """As the history tells it."""
        after = f" It follows {self.follows}." if self.follows else ""
        by = plain(self.channel)
        return f"Logged as {self.number} by {by}: {self.title}. {self.judgement}{after}"


class IncidentImported(IncidentLogged, stored="incident.imported.v1"):
    """It was opened in another tool, and what happened to it before this moment is not known."""

    opened_at: AwareDatetime

    @property
    def since(self) -> datetime:
        """When it was opened."""
        return self.opened_at

    def in_words(self) -> str:
        """As the history tells it."""
        told = f"Taken over as {self.number} from another tool, opened {utc(self.opened_at)}"
        return f"{told}: {self.title}. {self.judgement}"


class IncidentPrioritised(Judged, stored="incident.prioritised.v1"):
    """Impact and urgency were judged anew, and the priority looked up again."""

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Judged anew. {self.judgement}"


class IncidentAssigned(Fact, stored="incident.assigned.v1"):
    """A group became responsible, and perhaps one person in it."""

    group: Reference
    person: PersonName | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Assigned to {f'{self.person} in ' if self.person else ''}{self.group}."


class IncidentEscalated(Fact, stored="incident.escalated.v1"):
    """It was taken further, to those who know more or decide more."""

    internal: ClassVar[bool] = True

    kind: EscalationKind
    because: Text
    to: Reference | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Escalated {self.kind}ly{f' to {self.to}' if self.to else ''}: {self.because}"


TriageEvent = (
    IncidentLogged | IncidentImported | IncidentPrioritised | IncidentAssigned | IncidentEscalated
)
