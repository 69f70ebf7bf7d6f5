"""What can be asked of a service."""

from dataclasses import dataclass
from datetime import datetime

from catalog.services.terms import ServiceDefinition
from catalog.terms import Place
from deskstream.decider import Occasion


@dataclass(frozen=True, slots=True)
class RegisterService:
    """Make a service known."""

    when: Occasion
    definition: ServiceDefinition
    place: Place
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class RedefineService:
    """Describe a service anew."""

    when: Occasion
    definition: ServiceDefinition
    place: Place
    effective_from: datetime | None = None


ServiceCommand = RegisterService | RedefineService
