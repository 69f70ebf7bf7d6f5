"""What can happen to a priority matrix."""

from catalog.matrices.terms import MatrixDefinition
from catalog.terms import DefiningFact, Level, plain
from deskstream.codec import Codec


class PriorityMatrixSet(DefiningFact[MatrixDefinition]):
    """Impact and urgency lead to these priorities for tickets that are logged then."""


MatrixFact = PriorityMatrixSet

CODEC: Codec[MatrixFact] = Codec({"priority_matrix.set.v1": PriorityMatrixSet})


def describe(fact: MatrixFact) -> str:
    """The fact in plain words."""
    matrix = fact.definition
    rows = "; ".join(f"{impact} impact {_row(matrix, impact)}" for impact in Level)
    return (
        f"Version {fact.version} of “{matrix.name}”, in force from {plain(fact.effective_from)}: "
        f"by high, medium, low urgency, {rows}"
    )


def _row(matrix: MatrixDefinition, impact: Level) -> str:
    return ", ".join(f"P{matrix.priorities[impact][urgency]}" for urgency in Level)
