"""What the clocks report about an incident's targets."""

from pydantic import AwareDatetime

from deskstream.decider import Command
from incident.terms import Reference


class NoteServiceLevelWarning(Command):
    """Take a warning into the history."""

    target: Reference
    fraction: float
    due_at: AwareDatetime | None


class NoteServiceLevelBreach(Command):
    """Take a breach into the history, and escalate it unless that history is still being told."""

    target: Reference
    cycle: int
    due_at: AwareDatetime
    detected_at: AwareDatetime
    late_by_seconds: float
    still_told: bool = False


class NoteBreachCorrection(Command):
    """Take into the history that a breach turned out to be none."""

    target: Reference
    cycle: int


ServiceLevelCommand = NoteServiceLevelWarning | NoteServiceLevelBreach | NoteBreachCorrection
