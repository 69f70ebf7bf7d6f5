"""Marks for what a field holds, so that it can be encrypted or erased without touching a domain."""

from dataclasses import dataclass
from enum import StrEnum


class Sensitivity(StrEnum):
    """What a marked field may reveal."""

    PERSON = "person"
    FREE_TEXT = "free-text"


@dataclass(frozen=True, slots=True)
class Mark:
    """Annotates a field's type: `Annotated[str, Mark(Sensitivity.PERSON)]`."""

    sensitivity: Sensitivity
