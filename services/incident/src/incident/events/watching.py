"""Somebody follows an incident, or no longer does."""

from typing import ClassVar

from deskstream.decider import Fact
from incident.terms import PersonName


class IncidentWatched(Fact, stored="incident.watched.v1"):
    """Somebody sees it, and hears what happens to it."""

    internal: ClassVar[bool] = True

    person: PersonName

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.person} watches it."


class IncidentUnwatched(Fact, stored="incident.unwatched.v1"):
    """Somebody hears no more of it."""

    internal: ClassVar[bool] = True

    person: PersonName

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.person} no longer watches it."


WatchingEvent = IncidentWatched | IncidentUnwatched
