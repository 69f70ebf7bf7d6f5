"""What can have happened to an import, and the names under which it is stored."""

from typing import ClassVar, Final

from pydantic import AwareDatetime

from deskstream.codec import Codec
from deskstream.decider import Fact
from incident.imports.terms import RefusedStep
from incident.terms import Text, Title


class ImportBegun(Fact, stored="import.begun.v1"):
    """Somebody began to tell the history that another tool kept."""

    internal: ClassVar[bool] = True

    name: Title
    because: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Began to import {self.name}: {self.because}"


class StepsTold(Fact, stored="import.steps_told.v1"):
    """A batch of steps was told: so many became facts, and these were refused."""

    internal: ClassVar[bool] = True

    done: int
    refused: tuple[RefusedStep, ...] = ()

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.done} steps were done, {len(self.refused)} refused."


class ImportAdvanced(Fact, stored="import.advanced.v1"):
    """Everything of this history up to the frontier was told; nothing before it will follow."""

    internal: ClassVar[bool] = True

    frontier: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Everything up to {self.frontier.isoformat(' ', 'seconds')} was told."


class ImportEnded(Fact, stored="import.ended.v1"):
    """The whole history was told; from now on its tickets live on like all others."""

    internal: ClassVar[bool] = True

    def in_words(self) -> str:
        """As the history tells it."""
        return "Ended."


ImportEvent = ImportBegun | StepsTold | ImportAdvanced | ImportEnded

CODEC: Final[Codec[ImportEvent]] = Codec.of(ImportEvent)
