"""What a priority matrix is."""

from uuid import UUID

from catalog.terms import Level, Name, Term

EVERYONE = UUID(int=0)


class MatrixDefinition(Term):
    """The priority of a ticket by impact and urgency.

    Args:
        customer: the organisation whose tickets it is for; absent, everyone's that have none.
        priorities: by impact, then urgency; 1 is the highest.
    """

    name: Name
    customer: UUID | None = None
    priorities: dict[Level, dict[Level, int]]


def matrix_id(customer: UUID | None) -> UUID:
    """The id of a customer's matrix: its own, so that there cannot be two."""
    return customer or EVERYONE
