"""What can happen to a priority matrix."""

from catalog.definitions.facts import DefiningFact, DefinitionFact
from catalog.matrices.terms import MatrixDefinition
from deskstream.codec import Codec


class PriorityMatrixSet(DefiningFact[MatrixDefinition], stored="priority_matrix.set.v1"):
    """Impact and urgency lead to these priorities for tickets that are logged then."""


CODEC: Codec[DefinitionFact] = Codec.of(PriorityMatrixSet)
