"""What an incident has to do with others and with other matters, and what it takes along."""

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from incident.terms import Number, PersonName, Reference, Speaker, Text


class LinkKind(StrEnum):
    """How an incident is connected with the other matter."""

    PROBLEM = "problem"
    CHANGE = "change"
    CAUSED_BY_CHANGE = "caused_by_change"
    RELATED = "related"
    DUPLICATE = "duplicate"
    AFFECTED_SERVICE = "affected_service"
    CONFIGURATION_ITEM = "configuration_item"


class WorkKind(StrEnum):
    """What kind of work was done."""

    DIAGNOSIS = "diagnosis"
    REPAIR = "repair"
    COMMUNICATION = "communication"
    TRAVEL = "travel"
    OTHER = "other"


class IncidentRef(BaseModel):
    """Another incident: by what systems know it, and by what people do."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    number: Number


class Peer(IncidentRef):
    """Another incident, with what decides whether the two belong together."""

    caller: PersonName
    organisation: Reference | None = None
    restricted: bool = False

    @property
    def ref(self) -> IncidentRef:
        """No more than a fact keeps of it."""
        return IncidentRef(id=self.id, number=self.number)


class Comment(BaseModel):
    """What somebody said that the caller can read."""

    model_config = ConfigDict(frozen=True)

    speaker: Speaker
    text: Text
    said_at: AwareDatetime


class Note(BaseModel):
    """What somebody wrote down for those who work on it."""

    model_config = ConfigDict(frozen=True)

    text: Text
    noted_at: AwareDatetime


class Effort(BaseModel):
    """How long somebody worked on it, and at what."""

    model_config = ConfigDict(frozen=True)

    person: PersonName
    minutes: int = Field(ge=1, le=24 * 60)
    kind: WorkKind


class Belongings(BaseModel):
    """What moves with a duplicate."""

    model_config = ConfigDict(frozen=True)

    comments: tuple[Comment, ...] = ()
    notes: tuple[Note, ...] = ()
    efforts: tuple[Effort, ...] = ()
    watchers: frozenset[PersonName] = frozenset()
