"""The steps of a history, as an importer sends them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from deskstream.decider import ToldAfterwards
from deskstream.http.bodies import Body, View
from deskstream.input import Input, Moment
from incident.api.bodies import Assignment
from incident.commands import IncidentCommand
from incident.commands.conversation import AddComment, AddNote
from incident.commands.ending import (
    CancelIncident,
    CloseIncident,
    ReopenIncident,
    ResolveIncident,
)
from incident.commands.holding import PutOnHold, ResumeWork
from incident.commands.triage import AssignIncident, LogIncident, PrioritiseIncident
from incident.commands.work import StartWork
from incident.imports import terms
from incident.terms import (
    Impact,
    PersonName,
    PriorityTables,
    Reference,
    Restriction,
    Status,
    Urgency,
)
from incident.terms import Report as Told
from incident.terms.parties import NOBODY_KNOWN


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


class Report(Told, Input):
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

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        told = {
            Status.ON_HOLD: self.hold,
            Status.RESOLVED: self.resolution,
            Status.CLOSED: self.resolution,
            Status.CANCELLED: self.cancellation,
        }
        given = (self.hold, self.resolution, self.cancellation)
        belonging = told.get(self.state)
        if sum(one is not None for one in given) != (self.state in told) or (
            self.state in told and belonging is None
        ):
            message = "tell of the state in `hold`, `resolution` or `cancellation`, as it needs"
            raise ValueError(message)
        return self

    def commands(self) -> Sequence[IncidentCommand]:
        """The way from new to its state."""
        match self.state:
            case Status.IN_PROGRESS:
                return [StartWork()]
            case Status.CLOSED if self.resolution:
                return [self.resolution, CloseIncident()]
            case _:
                details = (self.hold, self.resolution, self.cancellation)
                return [one for one in details if one is not None]


class Judgement(Body):
    """Impact and urgency as they were judged; the priority is that of the table then in force."""

    impact: Impact
    urgency: Urgency


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


class Assign(Step):
    """Somebody became responsible."""

    kind: Literal["assign"]
    fields: Assignment


class Start(Step):
    """Work began."""

    kind: Literal["start"]
    fields: StartWork = StartWork()


class Hold(Step):
    """Work waited."""

    kind: Literal["hold"]
    fields: PutOnHold


class Resume(Step):
    """Work went on."""

    kind: Literal["resume"]
    fields: ResumeWork = ResumeWork()


class Comment(Step):
    """Something was said."""

    kind: Literal["comment"]
    fields: AddComment


class Note(Step):
    """Something was written down."""

    kind: Literal["note"]
    fields: AddNote


class Resolve(Step):
    """It was resolved."""

    kind: Literal["resolve"]
    fields: ResolveIncident


class Reopen(Step):
    """The resolution did not hold."""

    kind: Literal["reopen"]
    fields: ReopenIncident


class Close(Step):
    """The resolution became final."""

    kind: Literal["close"]
    fields: CloseIncident = CloseIncident()


class Cancel(Step):
    """There was nothing to resolve."""

    kind: Literal["cancel"]
    fields: CancelIncident


PlainStep = Start | Hold | Resume | Comment | Note | Resolve | Reopen | Close | Cancel
AnyStep = Log | Import | Prioritise | Assign | PlainStep


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


def commands_of(step: AnyStep, number: str, tables: PriorityTables) -> Sequence[IncidentCommand]:
    """What it asks of the incident: first of all to be logged under this number."""
    match step:
        case Log(fields=report):
            return _log(report, number, step.ticket, tables)
        case Import(fields=standing):
            logged = _log(standing, number, step.ticket, tables, standing.opened_at)
            return [*logged, *standing.commands()]
        case Prioritise(fields=judged):
            return [PrioritiseIncident(**dict(judged), tables=tables)]
        case Assign(fields=assignment):
            return [assignment.command(NOBODY_KNOWN)]
        case _:
            return [step.fields]


def _log(
    told: Report,
    number: str,
    ticket: str,
    tables: PriorityTables,
    opened_at: datetime | None = None,
) -> Sequence[IncidentCommand]:
    said = {name: getattr(told, name) for name in Told.model_fields}
    report = Told.model_construct(**said | {"external_reference": ticket})
    # Who is responsible is one fact; only what is restricted has to name its group at once.
    at_once = told.person is None or told.restricted is not Restriction.NONE
    logged = LogIncident(
        number=number,
        report=report,
        tables=tables,
        group=told.group if at_once else None,
        opened_at=opened_at,
    )
    if told.person is None:
        return [logged]
    return [logged, AssignIncident(group=told.group, person=told.person)]
