"""Watermarks: "all that this service recorded up to T is on its topic"."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Watermark(BaseModel):
    """What a relay announces.

    Attributes:
        time: everything recorded until then is on the topic.
        position: the record's position that this covers.
        end_offsets: by partition, the offset after the last event that this covers.
        incarnation: of the database that this is true of.
    """

    model_config = ConfigDict(frozen=True)

    time: AwareDatetime
    position: int
    end_offsets: dict[int, int]
    incarnation: UUID | None = None

    def to_bytes(self) -> bytes:
        """As it stands on the topic."""
        return self.model_dump_json().encode()
