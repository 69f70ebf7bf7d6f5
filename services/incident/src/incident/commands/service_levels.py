"""What the clocks report about an incident's targets."""

from pydantic import AwareDatetime

from deskstream.decider import Command
from incident.terms import Reference
from incident.terms.parties import NOBODY_KNOWN, Parties


class Escalating(Command):
    """It is escalated to whom the catalogue names, unless the history is still being told."""

    still_told: bool = False
    parties: Parties = NOBODY_KNOWN


class NoteServiceLevelWarning(Escalating):
    """Take a warning into the history."""

    target: Reference
    fraction: float
    due_at: AwareDatetime | None


class NoteSuspicion(Command):
    """Take into the history that a target may have been missed."""

    target: Reference
    cycle: int
    due_at: AwareDatetime


class NoteSuspicionCleared(Command):
    """Take into the history that a suspicion was none."""

    target: Reference
    cycle: int


class NoteServiceLevelBreach(Escalating):
    """Take a breach into the history."""

    target: Reference
    cycle: int
    due_at: AwareDatetime
    detected_at: AwareDatetime
    late_by_seconds: float


class NoteBreachCorrection(Command):
    """Take into the history that a breach turned out to be none."""

    target: Reference
    cycle: int


ServiceLevelCommand = (
    NoteServiceLevelWarning
    | NoteSuspicion
    | NoteSuspicionCleared
    | NoteServiceLevelBreach
    | NoteBreachCorrection
)
