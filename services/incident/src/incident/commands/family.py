"""Incidents of different callers that have one fault behind them: a parent and its children."""

from pydantic import AwareDatetime

from deskstream.decider import Command, ToldAfterwards
from incident.terms import ResolutionCode, Text
from incident.terms.related import IncidentRef, Peer


class BecomeChild(ToldAfterwards):
    """Let it be resolved with another, unless it is independent. The other one takes it."""

    parent: IncidentRef
    independent: bool = False


class TakeChild(ToldAfterwards):
    """Let another be resolved with it, which becomes its child."""

    child: IncidentRef


class LeaveParent(ToldAfterwards):
    """Handle it by itself again."""


class NoteChildLeft(Command):
    """Take note that a child is handled by itself again."""

    child: IncidentRef


class MakeIndependent(ToldAfterwards):
    """Leave it open when its parent is resolved."""


class MakeDependent(ToldAfterwards):
    """Resolve it with its parent after all."""


class ResolveWithParent(Command):
    """Resolve it because its parent was, in the same way."""

    parent: Peer
    resolved_at: AwareDatetime
    code: ResolutionCode
    text: Text


FamilyCommand = (
    BecomeChild
    | TakeChild
    | LeaveParent
    | NoteChildLeft
    | MakeIndependent
    | MakeDependent
    | ResolveWithParent
)
