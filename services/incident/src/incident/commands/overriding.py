"""A lead's own priority instead of the one that was looked up."""

from deskstream.decider import Command
from deskstream.input import Moment
from incident.terms import Priority, Text


class OverridePriority(Command):
    """Let this priority count until then, whatever is looked up."""

    priority: Priority
    because: Text
    until: Moment


class EndOverride(Command):
    """Let the priority count that was looked up."""


class ExpireOverride(Command):
    """End it because its time is over."""


OverridingCommand = OverridePriority | EndOverride | ExpireOverride
