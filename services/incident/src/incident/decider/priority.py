"""Which table gives an incident its priority."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from incident.terms import STARTER_MATRIX, PriorityMatrix, PriorityTables

T = TypeVar("T")


def table_for(tables: PriorityTables, organisation: str | None, at: datetime) -> PriorityMatrix:
    """The table for this organisation: its own, its nearest ancestor's then, or everyone's."""
    seen: set[str] = set()
    while organisation is not None and organisation not in seen:
        if (own := _in_force(tables.matrices.get(organisation, ()), at)) is not None:
            return own
        seen.add(organisation)
        organisation = _in_force(tables.parents.get(organisation, ()), at)
    return _in_force(tables.matrices.get("", ()), at) or STARTER_MATRIX


def _in_force(versions: Sequence[tuple[datetime, T]], at: datetime) -> T | None:
    """The highest version whose time has come."""
    return next((one for since, one in reversed(versions) if since <= at), None)
