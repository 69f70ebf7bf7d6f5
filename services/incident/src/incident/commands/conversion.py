"""An incident that is none."""

from deskstream.decider import ToldAfterwards
from incident.terms import Text


class ConvertToRequest(ToldAfterwards):
    """End it because somebody wants something, and nothing is broken."""

    reason: Text


ConversionCommand = ConvertToRequest
