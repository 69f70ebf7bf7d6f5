"""Somebody worked on an incident."""

from typing import ClassVar

from deskstream.decider import Fact
from incident.events.words import plain
from incident.terms.related import Effort


class WorkStarted(Fact, stored="incident.work_started.v1"):
    """Somebody began to work on it."""

    def in_words(self) -> str:
        """As the history tells it."""
        return "Work started."


class WorkRecorded(Effort, Fact, stored="incident.work_recorded.v1"):
    """Somebody worked on it for so long."""

    internal: ClassVar[bool] = True

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.person} worked on it: {self.minutes} minutes of {plain(self.kind)}."


WorkEvent = WorkStarted | WorkRecorded
