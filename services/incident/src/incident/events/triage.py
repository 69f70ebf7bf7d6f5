"""An incident was taken up."""

from datetime import datetime
from typing import ClassVar, Final

from pydantic import AwareDatetime

from deskstream.codec import Upcaster
from deskstream.decider import Fact
from incident.events.words import plain, utc
from incident.terms import (
    Assigning,
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
    """The priority was looked up by impact and urgency, in this version of the table.

    `raised_from` is the urgency as it was told, if it was raised for a VIP. `overridden` is the
    priority that a lead has set instead, which counts while it lasts.
    """

    impact: Impact
    urgency: Urgency
    priority: Priority
    matrix_version: int
    raised_from: Urgency | None = None
    overridden: Priority | None = None

    @property
    def counts(self) -> Priority:
        """The priority by which it is worked on."""
        return self.overridden or self.priority

    @property
    def judgement(self) -> str:
        """The priority, and why it is that."""
        raised = f", raised from {self.raised_from} for a VIP" if self.raised_from else ""
        overridden = f" A lead has set {self.overridden} instead." if self.overridden else ""
        return (
            f"Priority {self.priority} (impact {self.impact}, urgency {self.urgency}{raised})."
            f"{overridden}"
        )


class IncidentLogged(Report, Judged, stored="incident.logged.v1"):
    """Somebody reported that a service does not work as it should.

    `vip` says that whom it concerns was a VIP then.
    """

    number: Number
    channel: Channel
    impact: Impact
    urgency: Urgency
    vip: bool = False

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


class IncidentReclassified(Judged, stored="incident.reclassified.v1"):
    """It is about something else, and the priority was looked up again for that."""

    service: Reference | None = None
    category: Reference | None = None
    organisation: Reference | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        about = ("service", self.service), ("category", self.category)
        whose = ("organisation", self.organisation)
        told = ", ".join(f"{what} {it or 'unknown'}" for what, it in (*about, whose))
        return f"Classified anew: {told}. {self.judgement}"


class IncidentAssigned(Fact, stored="incident.assigned.v2"):
    """A group became responsible, and perhaps one person in it; or nobody is any more.

    `routing_version` is that of the table by which it was routed.
    """

    group: Reference | None = None
    person: PersonName | None = None
    how: Assigning = Assigning.BY_HAND
    routing_version: int | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        if self.how is Assigning.ROUTED:
            return f"Routed to {self.group} by version {self.routing_version} of the routing table."
        said = "Taken by" if self.how is Assigning.TAKEN else "Assigned to"
        return f"{said} {' in '.join(filter(None, (self.person, self.group))) or 'nobody'}."


class IncidentEscalated(Fact, stored="incident.escalated.v1"):
    """It was taken further, to those who know more or decide more."""

    internal: ClassVar[bool] = True

    kind: EscalationKind
    because: Text
    to: Reference | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Escalated {self.kind}ly{f' to {self.to}' if self.to else ''}: {self.because}"


class EscalationTold(Fact, stored="incident.escalation_told.v1"):
    """This person is to know of the escalation."""

    internal: ClassVar[bool] = True

    kind: EscalationKind
    whom: PersonName

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.whom} was told of the {self.kind} escalation."


TriageEvent = (
    IncidentLogged
    | IncidentImported
    | IncidentPrioritised
    | IncidentReclassified
    | IncidentAssigned
    | IncidentEscalated
    | EscalationTold
)


UPCASTERS: Final = {"incident.assigned.v1": Upcaster("incident.assigned.v2", dict)}
