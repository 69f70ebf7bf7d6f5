"""A major incident: a flag beside status and priority, with a life of its own."""

from pydantic import Field

from deskstream.decider import Command
from incident.terms import PersonName, Text
from incident.terms.major import MinutesBetweenUpdates


class ProposeMajor(Command):
    """Say that it may be a major incident."""

    because: Text


class DeclineMajor(Command):
    """Say that it is none."""

    because: Text


class DeclareMajor(Command):
    """Make it one, under a commander, and let management know."""

    business_impact: Text
    commander: PersonName
    notified: tuple[PersonName, ...] = Field(
        min_length=1, max_length=20, description="Whom of the management a notice goes to."
    )
    update_every: MinutesBetweenUpdates = 30


class NotifyManagement(Command):
    """Let somebody else of the management know."""

    recipient: PersonName


class GiveMajorUpdate(Command):
    """Tell all who suffer from it how it stands."""

    text: Text


class RemindOfMajorUpdate(Command):
    """Note that the promised update did not come."""


class StandDownMajor(Command):
    """Say that the service is restored."""

    text: Text


class ReviewMajor(Command):
    """Say what was learnt from it."""

    findings: Text


MajorCommand = (
    ProposeMajor
    | DeclineMajor
    | DeclareMajor
    | NotifyManagement
    | GiveMajorUpdate
    | RemindOfMajorUpdate
    | StandDownMajor
    | ReviewMajor
)
