"""Between whom an agreement may be: those who are there, and only those of its kind."""

from collections.abc import Iterator

from catalog.agreements.terms import AgreementDefinition, AgreementKind, Surroundings
from deskstream.decider import Refusal

KEPT_BY = {"group": AgreementKind.OLA, "supplier": AgreementKind.UNDERPINNING}


def objection_to_parties(
    agreement: AgreementDefinition, surroundings: Surroundings
) -> Refusal | None:
    """The first reason why it cannot be between these, if there is one."""
    return next(_objections(agreement, surroundings), None)


def _objections(agreement: AgreementDefinition, surroundings: Surroundings) -> Iterator[Refusal]:
    for field, kind in KEPT_BY.items():
        if getattr(agreement, field) is not None and agreement.kind is not kind:
            yield Refusal(
                f"{field}-misplaced",
                f"Only an {kind.in_full} names a {field}; leave it out, or agree one.",
                field=field,
            )
    for named in agreement.references():
        if named.kind != "calendar" and named.id not in surroundings.standing:
            yield Refusal(
                f"unknown-{named.kind}",
                f"There is no {named.kind} {named.id}, or it is retired; name one that is there.",
                field=named.field,
            )
    if agreement.supplier is not None and agreement.supplier not in surroundings.suppliers:
        yield Refusal(
            "not-a-supplier",
            f"Organisation {agreement.supplier} is no supplier; name one that is.",
            field="supplier",
        )
