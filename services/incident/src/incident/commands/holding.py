"""Letting work wait, and going on."""

from deskstream.decider import Command, ToldAfterwards
from deskstream.input import Moment
from incident.terms import HoldReason, Reference, Text


class PutOnHold(ToldAfterwards):
    """Let work wait, perhaps until a promised date."""

    reason: HoldReason
    until: Moment | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None


class ResumeWork(ToldAfterwards):
    """Go on although the reason of the hold may remain."""


class ReturnToQueue(Command):
    """Go on because the promised date of the hold has passed."""


class RemindCaller(Command):
    """Ask the caller once more; who was asked often enough does not answer."""


HoldingCommand = RemindCaller | PutOnHold | ResumeWork | ReturnToQueue
