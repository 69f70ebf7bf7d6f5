"""What can be asked of an import."""

from deskstream.decider import Command
from deskstream.input import Moment
from incident.imports.terms import RefusedStep
from incident.terms import Text, Title


class BeginImport(Command):
    """Begin to tell a history."""

    name: Title
    because: Text


class NoteSteps(Command):
    """Keep what became of a batch of steps."""

    done: int
    refused: tuple[RefusedStep, ...]


class AdvanceFrontier(Command):
    """Say that everything of this history up to a moment was told."""

    until: Moment


class EndImport(Command):
    """Say that the whole history was told."""


ImportCommand = BeginImport | NoteSteps | AdvanceFrontier | EndImport
