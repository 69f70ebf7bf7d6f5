"""What an agreement may promise: targets that can be met, warnings that come before them."""

from collections.abc import Iterator

from catalog.agreements.decider.rows import objections_to_rows
from catalog.agreements.terms import AgreementDefinition, AgreementKind, Surroundings
from catalog.definitions.facts import Edition
from deskstream.decider import Refusal


def objection_to_promises(
    agreement: AgreementDefinition, edition: Edition, surroundings: Surroundings
) -> Refusal | None:
    """The first reason why this cannot be promised, if there is one."""
    return next(_objections(agreement, edition, surroundings), None)


def _objections(
    agreement: AgreementDefinition, edition: Edition, surroundings: Surroundings
) -> Iterator[Refusal]:
    yield from _to_shares(agreement)
    yield from objections_to_rows(agreement, edition, surroundings)
    yield from _to_offsets(agreement)
    yield from _to_changes(agreement)
    yield from _to_pauses(agreement)


def _to_shares(agreement: AgreementDefinition) -> Iterator[Refusal]:
    for share in agreement.warn_at:
        if not 0 < share < 1:
            yield Refusal(
                "warning-out-of-range",
                f"A warning at {share} of a target is no warning; give shares between 0 and 1, "
                "such as 0.75.",
                field="warn_at",
            )


def _to_offsets(agreement: AgreementDefinition) -> Iterator[Refusal]:
    longest = max(seconds for row in agreement.targets for seconds in row.seconds.values())
    for offset in agreement.warn_before:
        if not 0 < offset < longest:
            yield Refusal(
                "warning-out-of-range",
                f"A warning {offset} seconds before the due time would never be given; give at "
                f"least 1, and less than the longest target, which is {longest} seconds.",
                field="warn_before",
            )


def _to_changes(agreement: AgreementDefinition) -> Iterator[Refusal]:
    promised = {measure for row in agreement.targets for measure in row.seconds}
    for measure in agreement.on_change:
        if measure not in promised:
            name = measure.replace("_", " ")
            yield Refusal(
                "change-of-nothing",
                f"No row promises a {name}, so that no change of it can come; leave it out, or "
                "promise it.",
                field=f"on_change.{measure}",
            )


def _to_pauses(agreement: AgreementDefinition) -> Iterator[Refusal]:
    if agreement.kind is AgreementKind.UNDERPINNING and agreement.pauses_on:
        yield Refusal(
            "never-pauses",
            "A supplier's time runs from the hand-over until the answer, whatever else is waited "
            "for; leave pauses_on out.",
            field="pauses_on",
        )
