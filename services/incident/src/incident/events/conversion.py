"""An incident turned out to be a request."""

from deskstream.decider import Fact
from incident.terms import Text


class IncidentConverted(Fact, stored="incident.converted.v1"):
    """It ended because nothing is broken: somebody wants something."""

    reason: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Converted to a request: {self.reason}"


ConversionEvent = IncidentConverted
