"""What callers send."""

from typing import Self

from pydantic import Field, model_validator

from deskstream.access import Principal
from deskstream.decider import ASKERS, Actor
from deskstream.http.bodies import Body
from deskstream.http.commanding import NOW, Told
from deskstream.input import Moment
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

    def command(self, by: Actor, number: str, known: Directory) -> LogIncident:
        """To log it under this number, with the priority that the catalogue gives it."""
        organisation = self.organisation or by.organisation
        return LogIncident(
            number=number,
            title=self.title,
            caller=self.caller or by.name,
            channel=self.channel,
            impact=self.impact,
            urgency=self.urgency,
            tables=known.tables,
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

    def command(self, known: Directory) -> PrioritiseIncident:
        """To look the priority up again."""
        return PrioritiseIncident(impact=self.impact, urgency=self.urgency, tables=known.tables)


class Assignment(Body):
    """Who is responsible."""

    group: Reference
    person: PersonName | None = None

    def command(self) -> AssignIncident:
        """To assign it."""
        return AssignIncident(group=self.group, person=self.person)


class Escalation(Body):
    """To take it further."""

    kind: EscalationKind
    because: Text
    to: Reference | None = None

    def command(self) -> EscalateIncident:
        """To escalate it."""
        return EscalateIncident(kind=self.kind, because=self.because, to=self.to)


class Hold(ToldAfterwards):
    """What the work waits for."""

    reason: HoldReason
    until: Moment | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None

    def command(self) -> PutOnHold:
        """To put it on hold."""
        return PutOnHold(
            reason=self.reason,
            until=self.until,
            supplier=self.supplier,
            reference=self.reference,
            text=self.text,
        )


class Comment(ToldAfterwards):
    """Something that the caller can read."""

    text: Text

    def command(self) -> AddComment:
        """To say it."""
        return AddComment(text=self.text)


class Note(Body):
    """Something for those who work on it."""

    text: Text

    def command(self) -> AddNote:
        """To write it down."""
        return AddNote(text=self.text)


class Resolution(ToldAfterwards):
    """How it was resolved."""

    code: ResolutionCode
    text: Text

    def command(self) -> ResolveIncident:
        """To resolve it."""
        return ResolveIncident(code=self.code, text=self.text)


class Reason(Body):
    """Why."""

    reason: Text

    def reopen(self) -> ReopenIncident:
        """To reopen it."""
        return ReopenIncident(reason=self.reason)

    def cancel(self) -> CancelIncident:
        """To cancel it."""
        return CancelIncident(reason=self.reason)
