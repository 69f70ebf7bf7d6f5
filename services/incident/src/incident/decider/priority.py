"""Which table gives an incident its priority."""

from datetime import datetime

from incident.terms import STARTER_MATRIX, PriorityMatrix, PriorityTables


def table_for(tables: PriorityTables, organisation: str | None, at: datetime) -> PriorityMatrix:
    """The table for this organisation: its own, its nearest ancestor's, or everyone's."""
    seen: set[str] = set()
    while organisation is not None and organisation not in seen:
        if (own := _held(tables, organisation, at)) is not None:
            return own
        seen.add(organisation)
        organisation = tables.parents.get(organisation)
    return _held(tables, "", at) or STARTER_MATRIX


def _held(tables: PriorityTables, customer: str, at: datetime) -> PriorityMatrix | None:
    held = [one for since, one in tables.matrices.get(customer, ()) if since <= at]
    return held[-1] if held else None
