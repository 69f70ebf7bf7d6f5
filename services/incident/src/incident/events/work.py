"""Somebody worked on an incident."""

from deskstream.decider import Fact


class WorkStarted(Fact, stored="incident.work_started.v1"):
    """Somebody began to work on it."""

    def in_words(self) -> str:
        """As the history tells it."""
        return "Work started."


WorkEvent = WorkStarted
