"""What can happen to a priority matrix."""

from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from catalog.matrices.terms import MatrixDefinition
from deskstream.codec import Codec


class PriorityMatrixSet(DefiningFact[MatrixDefinition], stored="priority_matrix.set.v1"):
    """Impact and urgency lead to these priorities for tickets that are logged then."""


class PriorityMatrixRetired(EndingFact, stored="priority_matrix.retired.v1"):
    """Tickets are judged by the matrix of whom the customer is part of, or by everyone's."""


CODEC: Codec[DefinitionFact] = Codec.of(PriorityMatrixSet | PriorityMatrixRetired)
