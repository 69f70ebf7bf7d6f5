"""Incidents of different callers that have one fault behind them: a parent and its children.

There is one level: whoever has children is no child. Both sides are told in one transaction, so
that two who would become each other's child meet in the versions of the two streams.
"""

from dataclasses import replace
from typing import Final, assert_never

from deskstream.decider import Refusal
from incident.commands.family import (
    BecomeChild,
    LeaveParent,
    MakeDependent,
    MakeIndependent,
    NoteChildLeft,
    ResolveWithParent,
    TakeChild,
)
from incident.decider.ending import resolution
from incident.decider.situation import Decision, Situation
from incident.decider.state import Alone, Child, Family, Incident, Parent
from incident.events.family import (
    BecameChild,
    ChildLeft,
    FamilyEvent,
    LeftParent,
    MadeDependent,
    MadeIndependent,
    TookChild,
)

ITSELF: Final = Refusal("itself", "Name another incident: this is the one itself.", field="parent")
NO_CHILD: Final = Refusal("no-child", "It is handled by itself: it has no parent.")
NOT_FOR_OTHERS: Final = "The fault behind this and other reports is gone."
"""What a child says of its resolution when its caller may not read what was said to another's."""


def childless(incident: Incident) -> Refusal | None:
    """Why it cannot go where its children cannot follow, if it has any."""
    if not isinstance(incident.family, Parent):
        return None
    return Refusal(
        "has-children",
        f"{incident.report.number} has {incident.family.children} children, and there is one level"
        " only: let them leave it, or make them children of another, first.",
    )


def become_child(command: BecomeChild, situation: Situation) -> Decision:
    """Of one parent, which is nobody's child."""
    incident = situation.incident
    if command.parent.number == incident.report.number:
        return ITSELF
    if refusal := childless(incident):
        return refusal
    if isinstance(incident.family, Child):
        number = incident.family.parent.number
        return Refusal("child-already", f"It is a child of {number}; let it leave that first.")
    return [BecameChild(parent=command.parent, independent=command.independent)]


def take_child(command: TakeChild, situation: Situation) -> Decision:
    """Who is a child itself has none."""
    incident = situation.incident
    if command.child.number == incident.report.number:
        return ITSELF
    if isinstance(incident.family, Child):
        number, highest = incident.report.number, incident.family.parent.number
        return Refusal(
            "parent-is-child",
            f"{number} is a child of {highest}; make it a child of that one too.",
            field="parent",
        )
    return [TookChild(child=command.child)]


def leave(_: LeaveParent, situation: Situation) -> Decision:
    """The parent hears of it afterwards."""
    match situation.incident.family:
        case Child():
            return situation.incident.leaving
        case _:
            return NO_CHILD


def note_child_left(command: NoteChildLeft, situation: Situation) -> Decision:
    """It has one child less."""
    if not isinstance(situation.incident.family, Parent):
        return []
    return [ChildLeft(child=command.child)]


def make_independent(_: MakeIndependent, situation: Situation) -> Decision:
    """Nothing happens if it is."""
    match situation.incident.family:
        case Child(independent=independent):
            return [] if independent else [MadeIndependent()]
        case _:
            return NO_CHILD


def make_dependent(_: MakeDependent, situation: Situation) -> Decision:
    """Nothing happens if it is."""
    match situation.incident.family:
        case Child(independent=independent):
            return [MadeDependent()] if independent else []
        case _:
            return NO_CHILD


def resolve_with_parent(command: ResolveWithParent, situation: Situation) -> Decision:
    """As of when the parent was, unless the child has been resolved, or has gone its own way."""
    incident = situation.incident
    if not incident.is_open or incident.family != Child(command.parent.ref, independent=False):
        return []
    moment = max(command.resolved_at, incident.told_until)
    text = command.text if _may_read_of(incident, command) else NOT_FOR_OTHERS
    resolved = resolution(command.code, text, moment, situation.policy)
    return [resolved.model_copy(update={"at": moment})]


def _may_read_of(child: Incident, command: ResolveWithParent) -> bool:
    """Words that are said in one organisation stay there, and of what is restricted all."""
    parent = command.parent
    same = parent.organisation is not None and parent.organisation == child.report.organisation
    return same and not parent.restricted


def evolve(incident: Incident, event: FamilyEvent) -> Incident:
    """The incident after this fact."""
    return replace(incident, family=_after(incident.family, event))


def _after(family: Family, event: FamilyEvent) -> Family:
    children = family.children if isinstance(family, Parent) else 0
    match event:
        case BecameChild(parent=parent, independent=independent):
            return Child(parent, independent)
        case LeftParent():
            return Alone()
        case MadeIndependent() | MadeDependent():
            independent = isinstance(event, MadeIndependent)
            return replace(family, independent=independent) if isinstance(family, Child) else family
        case TookChild():
            return Parent(children + 1)
        case ChildLeft():
            return Parent(children - 1) if children > 1 else Alone()
        case _:
            assert_never(event)
