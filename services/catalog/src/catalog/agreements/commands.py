"""What can be asked of an agreement."""

from dataclasses import dataclass
from datetime import datetime

from catalog.agreements.terms import AgreementDefinition, Surroundings
from deskstream.decider import Occasion


@dataclass(frozen=True, slots=True)
class Agree:
    """Promise targets; in force from its first day of validity."""

    when: Occasion
    definition: AgreementDefinition
    surroundings: Surroundings


@dataclass(frozen=True, slots=True)
class Amend:
    """Promise something else from a moment on."""

    when: Occasion
    definition: AgreementDefinition
    surroundings: Surroundings
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Terminate:
    """End an agreement before its time, or one that has no end."""

    when: Occasion
    reason: str
    ends_at: datetime | None = None


AgreementCommand = Agree | Amend | Terminate
