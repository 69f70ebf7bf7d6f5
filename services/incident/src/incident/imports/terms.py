"""The words that commands and events of an import share."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from incident.terms import Reference, Text

MOST_STEPS = 1_000
Sequence = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""Which of its ticket's steps one is: they rise in the order in which they are told."""


class RefusedStep(BaseModel):
    """A step that the process did not allow, and why."""

    model_config = ConfigDict(frozen=True)

    ticket: Reference
    sequence: Sequence
    code: str
    detail: Text


@dataclass(frozen=True, slots=True)
class StepId:
    """By which a step of an import is known; it is what caused the facts of the step."""

    source: str
    ticket: str
    sequence: int

    def __str__(self) -> str:
        """As it stands in the origin of a fact."""
        return f"{self.source}/{self.ticket}#{self.sequence}"

    @classmethod
    def read(cls, told: str) -> Self:
        """From the origin of a fact."""
        source, _, step = told.partition("/")
        ticket, _, sequence = step.rpartition("#")
        return cls(source, ticket, int(sequence))


def source_of(stream: str) -> str:
    """The source of all that the import with this stream tells: `import:<uuid>`."""
    return stream.replace("-", ":", 1)
