"""What can be asked of a service."""

from catalog.services.terms import ServiceDefinition
from catalog.terms import Place
from deskstream.decider import Command
from deskstream.input import Moment


class RegisterService(Command):
    """Make a service known."""

    definition: ServiceDefinition
    place: Place
    effective_from: Moment | None = None


class RedefineService(Command):
    """Describe a service anew."""

    definition: ServiceDefinition
    place: Place
    effective_from: Moment | None = None


ServiceCommand = RegisterService | RedefineService
