"""A lead's own priority, for a time, beside the one that was looked up."""

from dataclasses import replace
from typing import Final, assert_never

from deskstream.decider import Refusal
from incident.commands.overriding import EndOverride, ExpireOverride, OverridePriority
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, Override
from incident.events.overriding import (
    OverridingEvent,
    PriorityOverridden,
    PriorityOverrideEnded,
)

NOT_OVERRIDDEN: Final = Refusal(
    "not-overridden", "The priority that was looked up counts already; override it first."
)


def override(command: OverridePriority, situation: Situation) -> Decision:
    """Another priority, another reason or another time can follow at any time."""
    looked_up = situation.incident.looked_up
    if command.until <= situation.moment:
        return Refusal("until-passed", "Name a time until which it counts.", field="until")
    if command.priority == looked_up:
        return Refusal(
            "same-priority", "Just this priority was looked up; end the override.", field="priority"
        )
    return [PriorityOverridden(looked_up=looked_up, **dict(command))]


def end(_: EndOverride, situation: Situation) -> Decision:
    """A lead need not wait until its time is over."""
    if situation.incident.override is None:
        return NOT_OVERRIDDEN
    return [PriorityOverrideEnded(priority=situation.incident.looked_up, by_itself=False)]


def expire(_: ExpireOverride, situation: Situation) -> Decision:
    """It ended when its time was over, however late that is noticed."""
    incident = situation.incident
    if incident.override is None:
        return NOT_OVERRIDDEN
    if situation.when.now < incident.override.until:
        return Refusal("too-early", "The override lasts longer than until now.")
    ended = max(incident.override.until, incident.told_until)
    return [PriorityOverrideEnded(at=ended, priority=incident.looked_up, by_itself=True)]


def evolve(incident: Incident, event: OverridingEvent) -> Incident:
    """The incident after this fact."""
    match event:
        case PriorityOverridden(priority=priority, until=until, because=because):
            return replace(incident, override=Override(priority, until, because))
        case PriorityOverrideEnded():
            return replace(incident, override=None)
        case _:
            assert_never(event)
