"""The rules for priority matrices."""

from catalog.definitions.deciding import defining_decider
from catalog.matrices.events import PriorityMatrixRetired, PriorityMatrixSet
from catalog.matrices.terms import MatrixDefinition
from catalog.terms import HIGHEST_PRIORITY, LOWEST_PRIORITY, Level
from deskstream.decider import Refusal


def _unusable(matrix: MatrixDefinition) -> Refusal | None:
    return _incomplete(matrix) or _out_of_range(matrix)


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


DECIDER = defining_decider(
    "priority_matrix",
    PriorityMatrixSet,
    PriorityMatrixSet,
    PriorityMatrixRetired,
    fixed=("customer",),
    objection=_unusable,
)
