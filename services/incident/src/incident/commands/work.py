"""The work on an incident."""

from pydantic import Field

from deskstream.decider import ToldAfterwards
from incident.terms import PersonName
from incident.terms.related import WorkKind


class StartWork(ToldAfterwards):
    """Begin to work on it."""


class RecordWork(ToldAfterwards):
    """Say how long somebody worked on it, and at what."""

    person: PersonName | None = Field(default=None, description="Yourself by default.")
    minutes: int = Field(ge=1, le=24 * 60)
    kind: WorkKind


WorkCommand = StartWork | RecordWork
