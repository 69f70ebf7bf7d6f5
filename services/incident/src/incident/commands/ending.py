"""The resolution, and what comes after it."""

from deskstream.decider import Command, ToldAfterwards
from incident.terms import ResolutionCode, Text


class ResolveIncident(ToldAfterwards):
    """Say that it is resolved, and how."""

    code: ResolutionCode
    text: Text


class ReopenIncident(ToldAfterwards):
    """Say that the resolution did not hold."""

    reason: Text


class ConfirmResolution(ToldAfterwards):
    """Close it as the one who is affected and content."""


class CloseIncident(ToldAfterwards):
    """Close it without waiting for the caller."""


class CloseByItself(Command):
    """Close it because nobody has objected for long enough."""


class CancelIncident(ToldAfterwards):
    """End it because there is nothing to resolve."""

    reason: Text


EndingCommand = (
    ResolveIncident
    | ReopenIncident
    | ConfirmResolution
    | CloseIncident
    | CloseByItself
    | CancelIncident
)
