"""The steps of a history, as an importer sends them."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import Field, model_validator

from deskstream.decider import Command, ToldAfterwards
from deskstream.http.bodies import Body, View
from deskstream.input import Input, Moment
from incident.api.bodies import Assignment, Escalation, NewClassification
from incident.commands.conversation import AddComment, AddNote
from incident.commands.conversion import ConvertToRequest
from incident.commands.ending import CancelIncident, ReopenIncident, ResolveIncident
from incident.commands.holding import PutOnHold
from incident.commands.links import LinkIncident, UnlinkIncident
from incident.commands.major import (
    DeclareMajor,
    DeclineMajor,
    GiveMajorUpdate,
    NotifyManagement,
    ProposeMajor,
    ReviewMajor,
    StandDownMajor,
)
from incident.commands.overriding import OverridePriority
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.commands.work import RecordWork
from incident.imports import terms
from incident.terms import Impact, PersonName, Reference, Status, Urgency
from incident.terms import Report as TheirReport

K = TypeVar("K", bound=str)
C = TypeVar("C", bound=Command)


class Step(Body):
    """Something that happened to a ticket of another tool."""

    ticket: Reference = Field(description="The number by which the other tool knows it.")
    sequence: terms.Sequence
    at: Moment = Field(description="When it happened.")
    by: PersonName = Field(description="Who did it.")

    @model_validator(mode="after")
    def _is_told_once(self) -> Self:
        fields = getattr(self, "fields", None)
        if isinstance(fields, ToldAfterwards) and fields.happened_at is not None:
            message = "`at` says when it happened, so leave `happened_at` out"
            raise ValueError(message)
        return self


class Report(TheirReport, Input):
    """What was reported, and who was responsible from the start."""

    group: Reference | None = None
    person: PersonName | None = None


class Standing(Report):
    """How a ticket stood when it was first heard of; of what went before nothing is known."""

    opened_at: Moment
    state: Status
    hold: PutOnHold | None = Field(default=None, description="With the state on_hold.")
    resolution: ResolveIncident | None = Field(
        default=None, description="With the states resolved and closed."
    )
    cancellation: CancelIncident | None = Field(
        default=None, description="With the state cancelled."
    )
    conversion: ConvertToRequest | None = Field(
        default=None, description="With the state converted."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.state is Status.MERGED:
            message = "into what it was merged is told by a step `merge` of its own"
            raise ValueError(message)
        told = {
            Status.ON_HOLD: self.hold,
            Status.RESOLVED: self.resolution,
            Status.CLOSED: self.resolution,
            Status.CANCELLED: self.cancellation,
            Status.CONVERTED: self.conversion,
        }
        if len(self.details) != (self.state in told) or told.get(self.state, self) is None:
            message = (
                "tell of the state in `hold`, `resolution`, `cancellation` or `conversion`,"
                " as it needs"
            )
            raise ValueError(message)
        return self

    @property
    def details(self) -> Sequence[PutOnHold | ResolveIncident | CancelIncident | ConvertToRequest]:
        """What is told of the state."""
        given = (self.hold, self.resolution, self.cancellation, self.conversion)
        return [one for one in given if one is not None]


class Judgement(Body):
    """Impact and urgency as they were judged; the priority is that of the table then in force."""

    impact: Impact
    urgency: Urgency


class Adoption(Body):
    """Through which ticket of this import it was handled."""

    parent: Reference
    independent: bool = False


class Merging(Body):
    """Of which ticket of this import it was a duplicate."""

    into: Reference


class Nothing(Body):
    """Nothing more."""


class Log(Step):
    """It was opened."""

    kind: Literal["log"]
    fields: Report


class Import(Step):
    """It was first heard of in the middle of its life."""

    kind: Literal["import"]
    fields: Standing


class Prioritise(Step):
    """It was judged anew."""

    kind: Literal["prioritise"]
    fields: Judgement


class Classify(Step):
    """It was about something else; what is left out stayed as it was."""

    kind: Literal["classify"]
    fields: NewClassification


class Assign(Step):
    """Somebody became responsible, or nobody was any more."""

    kind: Literal["assign"]
    fields: Assignment


class Escalate(Step):
    """It was taken further."""

    kind: Literal["escalate"]
    fields: Escalation


class Adopt(Step):
    """It was handled through another ticket from then on."""

    kind: Literal["child"]
    fields: Adoption


class Merge(Step):
    """It ended as a duplicate of another ticket, which took in what belonged to it."""

    kind: Literal["merge"]
    fields: Merging


class Bare(Step):
    """It happened, and there is nothing more to say."""

    kind: Literal["start", "resume", "close", "leave", "independent", "dependent", "end_override"]
    fields: Nothing = Nothing()


class Told(Step, Generic[K, C]):
    """It happened as one of the service's own commands says it."""

    kind: K
    fields: C

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """By which the description of the API calls it."""
        return f"{params[-1].__name__}Step"


AsItself = (
    Told[Literal["hold"], PutOnHold]
    | Told[Literal["resolve"], ResolveIncident]
    | Told[Literal["reopen"], ReopenIncident]
    | Told[Literal["cancel"], CancelIncident]
    | Told[Literal["convert"], ConvertToRequest]
    | Told[Literal["comment"], AddComment]
    | Told[Literal["note"], AddNote]
    | Told[Literal["work"], RecordWork]
    | Told[Literal["watch"], WatchIncident]
    | Told[Literal["unwatch"], UnwatchIncident]
    | Told[Literal["link"], LinkIncident]
    | Told[Literal["unlink"], UnlinkIncident]
    | Told[Literal["override"], OverridePriority]
    | Told[Literal["major_proposal"], ProposeMajor]
    | Told[Literal["major_refusal"], DeclineMajor]
    | Told[Literal["major_declaration"], DeclareMajor]
    | Told[Literal["major_notice"], NotifyManagement]
    | Told[Literal["major_update"], GiveMajorUpdate]
    | Told[Literal["major_end"], StandDownMajor]
    | Told[Literal["major_review"], ReviewMajor]
)
AnyStep = Log | Import | Prioritise | Classify | Assign | Escalate | Adopt | Merge | Bare | AsItself


class Batch(Body):
    """Steps in the order in which they happened."""

    steps: tuple[Annotated[AnyStep, Field(discriminator="kind")], ...] = Field(
        min_length=1, max_length=terms.MOST_STEPS
    )


class Outcome(View):
    """What became of a step; `before` is one that this import told before."""

    ticket: str
    sequence: int
    outcome: Literal["done", "unchanged", "before", "refused"]
    code: str | None = None
    detail: str | None = None


class Outcomes(View):
    """What became of a batch: of each step, in the order in which they were sent."""

    outcomes: Sequence[Outcome]
