"""The rows that are made of events: of incidents and imports, and of what other services told."""

from incident.projections.clocks import copy_and_show_clocks, copy_clocks
from incident.projections.copies import copy_catalog
from incident.projections.imports import ImportRows
from incident.projections.incidents import IncidentRows
from incident.projections.words import IncidentWords

__all__ = [
    "ImportRows",
    "IncidentRows",
    "IncidentWords",
    "copy_and_show_clocks",
    "copy_catalog",
    "copy_clocks",
]
