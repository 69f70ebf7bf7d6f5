"""A lead set another priority than the one that was looked up."""

from pydantic import AwareDatetime

from deskstream.decider import Fact
from incident.events.words import utc
from incident.terms import Priority, Text


class PriorityOverridden(Fact, stored="incident.priority_overridden.v1"):
    """This priority counts until then, instead of the one that was looked up."""

    priority: Priority
    looked_up: Priority
    because: Text
    until: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        instead = f"Priority {self.priority} instead of {self.looked_up} until {utc(self.until)}"
        return f"{instead}: {self.because}"


class PriorityOverrideEnded(Fact, stored="incident.priority_override_ended.v1"):
    """The priority counts again that was looked up; by itself when the time was over."""

    priority: Priority
    by_itself: bool

    def in_words(self) -> str:
        """As the history tells it."""
        why = ", for the time is over" if self.by_itself else ""
        return f"Priority {self.priority} again, as it was looked up{why}."


OverridingEvent = PriorityOverridden | PriorityOverrideEnded
