"""What can happen to a priority matrix."""

from catalog.matrices.terms import MatrixDefinition
from catalog.terms import DefiningFact, Level, plain
from deskstream.codec import Codec


class PriorityMatrixSet(DefiningFact[MatrixDefinition], stored="priority_matrix.set.v1"):
    """Impact and urgency lead to these priorities for tickets that are logged then."""

    def in_words(self) -> str:
        """As the history tells it."""
        matrix = self.definition
        rows = "; ".join(f"{impact} impact {_row(matrix, impact)}" for impact in Level)
        return (
            f"Version {self.version} of “{matrix.name}”, "
            f"in force from {plain(self.effective_from)}: by high, medium, low urgency, {rows}"
        )


MatrixFact = PriorityMatrixSet

CODEC: Codec[MatrixFact] = Codec.of(MatrixFact)


def _row(matrix: MatrixDefinition, impact: Level) -> str:
    return ", ".join(f"P{matrix.priorities[impact][urgency]}" for urgency in Level)
