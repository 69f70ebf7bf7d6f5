"""The rules for agreements."""

from collections.abc import Sequence
from typing import TypeAlias, assert_never

from catalog.agreements.commands import Agree, AgreementCommand, Amend, Terminate
from catalog.agreements.decider.parties import objection_to_parties
from catalog.agreements.decider.promises import objection_to_promises
from catalog.agreements.events import AgreementAgreed, AgreementAmended, AgreementTerminated
from catalog.agreements.terms import AgreementDefinition, Surroundings
from catalog.definitions.facts import DefinitionFact, Edition, Latest, latest_after
from catalog.terms import plain
from deskstream.decider import Decider, Occasion, Refusal

Agreement: TypeAlias = Latest[AgreementDefinition]
Decided: TypeAlias = Sequence[DefinitionFact] | Refusal


def decide(command: AgreementCommand, when: Occasion, state: Agreement | None) -> Decided:
    """The facts that a command leads to, or why it is refused."""
    match command:
        case Agree():
            return _agree(command, when, state)
        case Amend():
            return _amend(command, when, state)
        case Terminate():
            return _terminate(command, when, state)
        case _:
            assert_never(command)


def _agree(command: Agree, when: Occasion, state: Agreement | None) -> Decided:
    if state is not None:
        return Refusal(
            "agreement-exists",
            f"“{state.definition.name}” is agreed already; amend it instead.",
        )
    edition = Edition.first(command.definition.valid_from, when)
    if objection := _objection(command.definition, edition, command.surroundings):
        return objection
    return [AgreementAgreed.of(edition, command.definition)]


def _amend(command: Amend, when: Occasion, state: Agreement | None) -> Decided:
    if state is None:
        return UNKNOWN
    if state.says(command.definition, command.effective_from):
        return []
    if objection := _ended(state, when) or _other_scope(command.definition, state):
        return objection
    edition = state.next_edition(command.effective_from, when)
    if isinstance(edition, Refusal):
        return edition
    if objection := _objection(command.definition, edition, command.surroundings):
        return objection
    return [AgreementAmended.of(edition, command.definition)]


def _terminate(command: Terminate, when: Occasion, state: Agreement | None) -> Decided:
    if state is None:
        return UNKNOWN
    if objection := _ended(state, when):
        return objection
    now = when.now
    ends_at = command.ends_at or now
    if ends_at < now:
        return Refusal(
            "ends-in-the-past",
            f"Tickets since {plain(ends_at)} rely on it; give a time from {plain(now)} on, "
            "or none for now.",
            field="ends_at",
        )
    until = state.definition.valid_until
    if until is not None and until < ends_at:
        return Refusal(
            "ends-after-its-validity",
            f"It is valid until {plain(until)} only; amend it to prolong it.",
            field="ends_at",
        )
    return [AgreementTerminated(ends_at=ends_at, reason=command.reason)]


UNKNOWN = Refusal("unknown-agreement", "There is no such agreement; agree it first.")


def _ended(agreement: Agreement, when: Occasion) -> Refusal | None:
    name = agreement.definition.name
    if agreement.ends_at is not None:
        return Refusal(
            "agreement-terminated",
            f"“{name}” is terminated from {plain(agreement.ends_at)}; agree a new one.",
        )
    until = agreement.definition.valid_until
    if until is not None and until <= when.now:
        return Refusal("agreement-expired", f"“{name}” expired {plain(until)}; agree a new one.")
    return None


def _other_scope(definition: AgreementDefinition, state: Agreement) -> Refusal | None:
    agreed = state.definition
    for field in ("kind", "customer", "service", "group", "supplier", "valid_from"):
        if getattr(definition, field) != getattr(agreed, field):
            return Refusal(
                "scope-is-fixed",
                f"An amendment cannot change {field}; terminate “{agreed.name}” and agree "
                "another one.",
                field=field,
            )
    return None


def _objection(
    definition: AgreementDefinition, edition: Edition, surroundings: Surroundings
) -> Refusal | None:
    return (
        _never_in_force(definition, edition)
        or objection_to_parties(definition, surroundings)
        or objection_to_promises(definition, edition, surroundings)
        or _ambiguous(definition, surroundings)
    )


def _never_in_force(definition: AgreementDefinition, edition: Edition) -> Refusal | None:
    until = definition.valid_until
    if until is None or edition.effective_from < until:
        return None
    return Refusal(
        "never-in-force",
        f"It would be in force from {plain(edition.effective_from)} but valid only until "
        f"{plain(until)}; give a later end.",
        field="valid_until",
    )


def _ambiguous(definition: AgreementDefinition, surroundings: Surroundings) -> Refusal | None:
    for other in surroundings.others:
        if definition.competes_with(other):
            until = f" until {plain(other.valid_until)}" if other.valid_until else ""
            return Refusal(
                "agreement-ties",
                f"“{other.name}” ({other.id}) is of the same kind between the same parties about "
                f"the same service, valid from {plain(other.valid_from)}{until}, so that neither "
                "would win; amend or terminate it, or choose dates that do not overlap.",
                field="valid_from",
            )
    return None


DECIDER: Decider[AgreementCommand, Agreement | None, DefinitionFact] = Decider(
    category="agreement", initial=None, decide=decide, evolve=latest_after
)
