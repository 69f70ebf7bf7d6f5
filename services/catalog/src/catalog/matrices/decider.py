"""The rules for priority matrices."""

from collections.abc import Sequence
from typing import assert_never

from catalog.matrices.commands import MatrixCommand, ReplacePriorityMatrix, SetPriorityMatrix
from catalog.matrices.events import MatrixFact, PriorityMatrixSet
from catalog.matrices.terms import MatrixDefinition
from catalog.terms import HIGHEST_PRIORITY, LOWEST_PRIORITY, Latest, Level, first_edition
from deskstream.decider import Decider, Occasion, Refusal

Matrix = Latest[MatrixDefinition]


def decide(
    command: MatrixCommand, when: Occasion, state: Matrix | None
) -> Sequence[MatrixFact] | Refusal:
    """The facts that a command leads to, or why it is refused."""
    match command:
        case SetPriorityMatrix():
            return _set(command, when, state)
        case ReplacePriorityMatrix():
            return _replace(command, when, state)
        case _:
            assert_never(command)


def _set(
    command: SetPriorityMatrix, when: Occasion, state: Matrix | None
) -> Sequence[MatrixFact] | Refusal:
    if state is not None:
        return Refusal(
            "priority-matrix-exists",
            f"“{state.definition.name}” is set already; give it a new version instead.",
        )
    customer = command.definition.customer
    if customer is not None and customer not in command.organisations:
        return Refusal(
            "unknown-organisation",
            f"There is no organisation {customer}; register it first.",
            field="customer",
        )
    if objection := _incomplete(command.definition) or _out_of_range(command.definition):
        return objection
    return [PriorityMatrixSet.of(first_edition(command.effective_from, when), command.definition)]


def _replace(
    command: ReplacePriorityMatrix, when: Occasion, state: Matrix | None
) -> Sequence[MatrixFact] | Refusal:
    if state is None:
        return Refusal("unknown-priority-matrix", "There is no such matrix; set it first.")
    if state.says(command.definition, command.effective_from):
        return []
    if command.definition.customer != state.definition.customer:
        return Refusal(
            "customer-is-fixed",
            "A matrix stays with its customer; set one for the other customer.",
            field="customer",
        )
    if objection := _incomplete(command.definition) or _out_of_range(command.definition):
        return objection
    edition = state.next_edition(command.effective_from, when)
    return (
        edition
        if isinstance(edition, Refusal)
        else [PriorityMatrixSet.of(edition, command.definition)]
    )


def _incomplete(matrix: MatrixDefinition) -> Refusal | None:
    for impact in Level:
        for urgency in Level:
            if urgency not in matrix.priorities.get(impact, {}):
                return Refusal(
                    "matrix-incomplete",
                    f"There is no priority for {impact} impact and {urgency} urgency; give one.",
                    field=f"priorities.{impact}.{urgency}",
                )
    return None


def _out_of_range(matrix: MatrixDefinition) -> Refusal | None:
    for impact, row in matrix.priorities.items():
        for urgency, priority in row.items():
            if not HIGHEST_PRIORITY <= priority <= LOWEST_PRIORITY:
                return Refusal(
                    "priority-out-of-range",
                    f"{priority} is no priority; give one from {HIGHEST_PRIORITY} (highest) to "
                    f"{LOWEST_PRIORITY} for {impact} impact and {urgency} urgency.",
                    field=f"priorities.{impact}.{urgency}",
                )
    return None


def evolve(_state: Matrix | None, fact: MatrixFact) -> Matrix | None:
    """The matrix after a fact."""
    return Latest.by(fact)


DECIDER: Decider[MatrixCommand, Matrix | None, MatrixFact] = Decider(
    category="priority_matrix", initial=None, decide=decide, evolve=evolve
)
