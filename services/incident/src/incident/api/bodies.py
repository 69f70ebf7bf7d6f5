"""What callers send."""

from typing import Self

from pydantic import Field, model_validator

from deskstream.access import ASKERS, Principal
from deskstream.decider import Occasion
from deskstream.http.bodies import Body, Moment
from deskstream.http.commanding import NOW, Told
from incident.commands import (
    AddComment,
    AddNote,
    AssignIncident,
    CancelIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
    PutOnHold,
    ReopenIncident,
    ResolveIncident,
)
from incident.queries import Directory
from incident.terms import (
    Channel,
    EscalationKind,
    HoldReason,
    Impact,
    PersonName,
    Reference,
    ResolutionCode,
    Restriction,
    Text,
    Title,
    Urgency,
)


class ToldAfterwards(Body):
    """What may have happened before it is told: then when, and why it is told only now."""

    happened_at: Moment | None = Field(default=None, description="When it happened, if not now.")
    late_because: Reference | None = Field(
        default=None, description="Why it is told only now; with `happened_at`, and only then."
    )

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.happened_at is None) != (self.late_because is None):
            message = "`happened_at` and `late_because` belong together"
            raise ValueError(message)
        return self

    @property
    def told(self) -> Told:
        """When it happened, and why it is told only now."""
        return Told(self.happened_at, self.late_because) if self.happened_at else NOW


class NewIncident(ToldAfterwards):
    """A report."""

    title: Title
    description: Text | None = None
    caller: PersonName | None = Field(default=None, description="Yourself by default.")
    on_behalf_of: PersonName | None = None
    organisation: Reference | None = Field(default=None, description="Your own by default.")
    service: Reference | None = None
    configuration_items: tuple[Reference, ...] = Field(default=(), max_length=100)
    category: Reference | None = None
    channel: Channel = Channel.SELF_SERVICE
    impact: Impact = Impact.MEDIUM
    urgency: Urgency = Urgency.MEDIUM
    restricted: Restriction = Restriction.NONE
    group: Reference | None = None
    external_reference: Reference | None = None

    def names_for(self, by: Principal) -> str | None:
        """The organisation that has to be known here.

        Who asks for help learns nothing about others: any but their own is refused unseen.
        """
        return None if by.role in ASKERS else self.organisation

    def command(self, when: Occasion, number: str, known: Directory) -> LogIncident:
        """To log it under this number, with the priority that the catalogue gives it."""
        organisation = self.organisation or when.by.organisation
        return LogIncident(
            when,
            number=number,
            title=self.title,
            caller=self.caller or when.by.name,
            channel=self.channel,
            impact=self.impact,
            urgency=self.urgency,
            matrix=known.matrix(organisation, when.at or when.now),
            description=self.description,
            on_behalf_of=self.on_behalf_of,
            organisation=organisation,
            service=self.service,
            configuration_items=self.configuration_items,
            category=self.category,
            restricted=self.restricted,
            group=self.group,
            external_reference=self.external_reference,
        )


class NewPriority(Body):
    """Impact and urgency as they are judged now."""

    impact: Impact
    urgency: Urgency

    def command(
        self, when: Occasion, organisation: str | None, known: Directory
    ) -> PrioritiseIncident:
        """To look the priority up again."""
        matrix = known.matrix(organisation, when.at or when.now)
        return PrioritiseIncident(when, self.impact, self.urgency, matrix)


class Assignment(Body):
    """Who is responsible."""

    group: Reference
    person: PersonName | None = None

    def command(self, when: Occasion) -> AssignIncident:
        """To assign it."""
        return AssignIncident(when, self.group, self.person)


class Escalation(Body):
    """To take it further."""

    kind: EscalationKind
    because: Text
    to: Reference | None = None

    def command(self, when: Occasion) -> EscalateIncident:
        """To escalate it."""
        return EscalateIncident(when, self.kind, self.because, self.to)


class Hold(ToldAfterwards):
    """What the work waits for."""

    reason: HoldReason
    until: Moment | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None

    def command(self, when: Occasion) -> PutOnHold:
        """To put it on hold."""
        return PutOnHold(when, self.reason, self.until, self.supplier, self.reference, self.text)


class Comment(ToldAfterwards):
    """Something that the caller can read."""

    text: Text

    def command(self, when: Occasion) -> AddComment:
        """To say it."""
        return AddComment(when, self.text)


class Note(Body):
    """Something for those who work on it."""

    text: Text

    def command(self, when: Occasion) -> AddNote:
        """To write it down."""
        return AddNote(when, self.text)


class Resolution(ToldAfterwards):
    """How it was resolved."""

    code: ResolutionCode
    text: Text

    def command(self, when: Occasion) -> ResolveIncident:
        """To resolve it."""
        return ResolveIncident(when, self.code, self.text)


class Reason(Body):
    """Why."""

    reason: Text

    def reopen(self, when: Occasion) -> ReopenIncident:
        """To reopen it."""
        return ReopenIncident(when, self.reason)

    def cancel(self, when: Occasion) -> CancelIncident:
        """To cancel it."""
        return CancelIncident(when, self.reason)
