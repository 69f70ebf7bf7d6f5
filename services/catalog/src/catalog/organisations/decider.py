"""The rules for organisations."""

from collections.abc import Sequence
from typing import assert_never

from catalog.organisations.commands import (
    OrganisationCommand,
    RedefineOrganisation,
    RegisterOrganisation,
)
from catalog.organisations.events import (
    OrganisationFact,
    OrganisationRedefined,
    OrganisationRegistered,
)
from catalog.organisations.terms import OrganisationDefinition
from catalog.terms import Latest, first_edition
from deskstream.decider import Decider, Occasion, Refusal

Organisation = Latest[OrganisationDefinition]


def decide(
    command: OrganisationCommand, when: Occasion, state: Organisation | None
) -> Sequence[OrganisationFact] | Refusal:
    """The facts that a command leads to, or why it is refused."""
    match command:
        case RegisterOrganisation():
            return _register(command, when, state)
        case RedefineOrganisation():
            return _redefine(command, when, state)
        case _:
            assert_never(command)


def _register(
    command: RegisterOrganisation, when: Occasion, state: Organisation | None
) -> Sequence[OrganisationFact] | Refusal:
    if state is not None:
        return Refusal(
            "organisation-exists",
            f"“{state.definition.name}” is registered already; give it a new version instead.",
        )
    if objection := command.place.objection(command.definition.parent):
        return objection
    edition = first_edition(command.effective_from, when)
    return [OrganisationRegistered.of(edition, command.definition)]


def _redefine(
    command: RedefineOrganisation, when: Occasion, state: Organisation | None
) -> Sequence[OrganisationFact] | Refusal:
    if state is None:
        return Refusal("unknown-organisation", "There is no such organisation; register it first.")
    if state.says(command.definition, command.effective_from):
        return []
    if objection := command.place.objection(command.definition.parent):
        return objection
    edition = state.next_edition(command.effective_from, when)
    if isinstance(edition, Refusal):
        return edition
    return [OrganisationRedefined.of(edition, command.definition)]


def evolve(_state: Organisation | None, fact: OrganisationFact) -> Organisation | None:
    """The organisation after a fact."""
    match fact:
        case OrganisationRegistered() | OrganisationRedefined():
            return Latest.by(fact)
        case _:
            assert_never(fact)


DECIDER: Decider[OrganisationCommand, Organisation | None, OrganisationFact] = Decider(
    category="organisation", initial=None, decide=decide, evolve=evolve
)
