"""The rules for services."""

from collections.abc import Sequence
from typing import assert_never

from catalog.services.commands import RedefineService, RegisterService, ServiceCommand
from catalog.services.events import ServiceFact, ServiceRedefined, ServiceRegistered
from catalog.services.terms import ServiceDefinition
from catalog.terms import Latest, first_edition
from deskstream.decider import Decider, Occasion, Refusal

Service = Latest[ServiceDefinition]


def decide(
    command: ServiceCommand, when: Occasion, state: Service | None
) -> Sequence[ServiceFact] | Refusal:
    """The facts that a command leads to, or why it is refused."""
    match command:
        case RegisterService():
            return _register(command, when, state)
        case RedefineService():
            return _redefine(command, when, state)
        case _:
            assert_never(command)


def _register(
    command: RegisterService, when: Occasion, state: Service | None
) -> Sequence[ServiceFact] | Refusal:
    if state is not None:
        return Refusal(
            "service-exists",
            f"“{state.definition.name}” is registered already; give it a new version instead.",
        )
    if objection := command.place.objection(command.definition.parent):
        return objection
    edition = first_edition(command.effective_from, when)
    return [ServiceRegistered.of(edition, command.definition)]


def _redefine(
    command: RedefineService, when: Occasion, state: Service | None
) -> Sequence[ServiceFact] | Refusal:
    if state is None:
        return Refusal("unknown-service", "There is no such service; register it first.")
    if state.says(command.definition, command.effective_from):
        return []
    if objection := command.place.objection(command.definition.parent):
        return objection
    edition = state.next_edition(command.effective_from, when)
    if isinstance(edition, Refusal):
        return edition
    return [ServiceRedefined.of(edition, command.definition)]


def evolve(_state: Service | None, fact: ServiceFact) -> Service | None:
    """The service after a fact."""
    match fact:
        case ServiceRegistered() | ServiceRedefined():
            return Latest.by(fact)
        case _:
            assert_never(fact)


DECIDER: Decider[ServiceCommand, Service | None, ServiceFact] = Decider(
    category="service", initial=None, decide=decide, evolve=evolve
)
