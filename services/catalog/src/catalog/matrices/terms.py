"""What a priority matrix is."""

from collections.abc import Sequence
from uuid import UUID

from catalog.definitions.terms import Definition, Reference
from catalog.terms import Level

EVERYONE = UUID(int=0)


class MatrixDefinition(Definition):
    """The priority of a ticket by impact and urgency.

    Args:
        customer: the organisation whose tickets it is for; absent, everyone's that have none.
        priorities: by impact, then urgency; 1 is the highest.
    """

    customer: UUID | None = None
    priorities: dict[Level, dict[Level, int]]

    def references(self) -> Sequence[Reference]:
        """Whose it is."""
        return [Reference("customer", "organisation", self.customer)] if self.customer else ()

    def in_words(self) -> str:
        """The table, row by row."""
        rows = "; ".join(f"{impact} impact {self._row(impact)}" for impact in Level)
        return f"“{self.name}”: by high, medium, low urgency, {rows}"

    def _row(self, impact: Level) -> str:
        return ", ".join(f"P{self.priorities[impact][urgency]}" for urgency in Level)


def matrix_id(customer: UUID | None) -> UUID:
    """The id of a customer's matrix: its own, so that there cannot be two."""
    return customer or EVERYONE
