"""Who follows an incident without being concerned."""

from pydantic import Field

from deskstream.decider import ToldAfterwards
from incident.terms import PersonName


class WatchIncident(ToldAfterwards):
    """See it, and hear what happens to it."""

    person: PersonName | None = Field(default=None, description="Yourself by default.")


class UnwatchIncident(ToldAfterwards):
    """Hear no more of it."""

    person: PersonName | None = Field(default=None, description="Yourself by default.")


WatchingCommand = WatchIncident | UnwatchIncident
