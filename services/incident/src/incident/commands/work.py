"""The work on an incident."""

from deskstream.decider import ToldAfterwards


class StartWork(ToldAfterwards):
    """Begin to work on it."""


WorkCommand = StartWork
