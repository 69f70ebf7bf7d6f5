"""An incident was connected with something else."""

from typing import Final

from deskstream.decider import Fact
from incident.terms import Reference
from incident.terms.related import LinkKind

CONNECTED: Final = {
    LinkKind.PROBLEM: "the problem",
    LinkKind.CHANGE: "the change",
    LinkKind.CAUSED_BY_CHANGE: "its cause, the change",
    LinkKind.RELATED: "the related",
    LinkKind.DUPLICATE: "its duplicate",
    LinkKind.AFFECTED_SERVICE: "the affected service",
    LinkKind.CONFIGURATION_ITEM: "the configuration item",
}


class IncidentLinked(Fact, stored="incident.linked.v1"):
    """It has to do with this."""

    kind: LinkKind
    to: Reference

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Linked to {CONNECTED[self.kind]} {self.to}."


class IncidentUnlinked(Fact, stored="incident.unlinked.v1"):
    """It has nothing to do with this after all."""

    kind: LinkKind
    to: Reference

    def in_words(self) -> str:
        """As the history tells it."""
        return f"No longer linked to {CONNECTED[self.kind]} {self.to}."


LinkEvent = IncidentLinked | IncidentUnlinked
