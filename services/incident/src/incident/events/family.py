"""An incident became one of several that have one fault behind them, or no longer is."""

from typing import ClassVar

from deskstream.decider import Fact
from incident.terms.related import IncidentRef


class BecameChild(Fact, stored="incident.became_child.v1"):
    """It is handled through another, and resolved with it unless it is independent."""

    parent: IncidentRef
    independent: bool = False

    def in_words(self) -> str:
        """As the history tells it."""
        but = ", but resolved by itself" if self.independent else ""
        return f"Handled together with {self.parent.number} from now on{but}."


class LeftParent(Fact, stored="incident.left_parent.v1"):
    """It is handled by itself again."""

    parent: IncidentRef

    def in_words(self) -> str:
        """As the history tells it."""
        return f"No longer handled together with {self.parent.number}."


class MadeIndependent(Fact, stored="incident.made_independent.v1"):
    """It stays open when its parent is resolved."""

    def in_words(self) -> str:
        """As the history tells it."""
        return "To be resolved by itself, not with the incident that it is handled together with."


class MadeDependent(Fact, stored="incident.made_dependent.v1"):
    """It is resolved with its parent after all."""

    def in_words(self) -> str:
        """As the history tells it."""
        return "To be resolved with the incident that it is handled together with."


class TookChild(Fact, stored="incident.took_child.v1"):
    """Another became its child."""

    internal: ClassVar[bool] = True

    child: IncidentRef

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.child.number} became a child of it."


class ChildLeft(Fact, stored="incident.child_left.v1"):
    """A child is handled by itself again."""

    internal: ClassVar[bool] = True

    child: IncidentRef

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.child.number} is no longer a child of it."


FamilyEvent = BecameChild | LeftParent | MadeIndependent | MadeDependent | TookChild | ChildLeft
