"""A wave: so many people report the same service in so short a time that it may be one fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from incident.terms import ProcessPolicy
from incident.terms.related import IncidentRef


@dataclass(frozen=True, slots=True)
class Sufferer:
    """An open incident of a service.

    Args:
        ref: of the incident.
        caller: who reported it.
        opened_at: when.
        is_child: whether it is handled through another.
        has_children: whether others are handled through it.
        is_major: whether it is proposed or declared.
        declined: whether a lead found that it, or its parent, is no major incident.
    """

    ref: IncidentRef
    caller: str
    opened_at: datetime
    is_child: bool = False
    has_children: bool = False
    is_major: bool = False
    declined: bool = False

    @property
    def is_alone(self) -> bool:
        """Whether it could become a child."""
        return not (self.is_child or self.has_children or self.is_major or self.declined)


@dataclass(frozen=True, slots=True)
class Wave:
    """What is one matter from now on.

    Args:
        parent: through which it is handled.
        children: that join it.
        because: why the parent is proposed as a major incident; None if it is one already.
    """

    parent: IncidentRef
    children: Sequence[IncidentRef]
    because: str | None


def wave_around(
    told: UUID, around: Sequence[Sufferer], major: Sufferer | None, policy: ProcessPolicy
) -> Wave | None:
    """The wave that an incident is part of, if there is one, and it is not known yet.

    Args:
        told: the id of the incident.
        around: those of its service that were opened about when it was, and itself.
        major: what is proposed or declared as major in its service already.
        policy: how many people, in what time, are a wave.
    """
    together = _together(told, [one for one in around if not one.declined], policy)
    parent = major or _first(together)
    if parent is None or parent.is_child:
        return None
    children = [one.ref for one in together if one.is_alone and one.ref != parent.ref]
    if not children:
        return None
    return Wave(parent.ref, children, None if parent.is_major else _why(together, policy))


def _first(together: Sequence[Sufferer]) -> Sufferer | None:
    """A parent stays one; otherwise it is whoever suffered first."""
    free = [one for one in together if not one.is_child]
    return min(free, key=lambda one: (not one.has_children, one.opened_at), default=None)


def _together(told: UUID, around: Sequence[Sufferer], policy: ProcessPolicy) -> Sequence[Sufferer]:
    """All who are in some stretch of time with it in which so many people reported."""
    ordered = sorted(around, key=lambda one: (one.opened_at, one.ref.number))
    found: dict[IncidentRef, Sufferer] = {}
    for nth, first in enumerate(ordered):
        ends = first.opened_at + policy.wave_within
        stretch = [one for one in ordered[nth:] if one.opened_at <= ends]
        callers = {one.caller for one in stretch}
        if len(callers) >= policy.wave_of and any(one.ref.id == told for one in stretch):
            found |= {one.ref: one for one in stretch}
    return list(found.values())


def _why(together: Sequence[Sufferer], policy: ProcessPolicy) -> str:
    people, minutes = len({one.caller for one in together}), policy.wave_within.total_seconds() / 60
    return f"{people} people reported the same service within {minutes:.0f} minutes."
