"""What a service has on record, read from its store."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskstream_testing.stack import Stack


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the store has it."""

    position: int
    stream: str
    version: int
    type: str
    text: str
    occurred_at: datetime
    recorded_at: datetime

    @property
    def id(self) -> str:
        """By what others name it as their cause."""
        return f"{self.stream}@{self.version}"

    @property
    def data(self) -> dict[str, Any]:
        """What it says."""
        found: dict[str, Any] = json.loads(self.text)
        return found


async def read_record(stack: Stack, service: str) -> list[Entry]:
    """All events of a service, by position."""
    async with stack.database(service) as database:
        rows = await database.fetch(
            "SELECT position, stream, version, type, data, occurred_at, recorded_at"
            " FROM events ORDER BY position"
        )
    return [Entry(*row) for row in rows]


async def certain_until(stack: Stack) -> datetime:
    """The time up to which the incident service has said that all is told."""
    async with stack.database("incident") as database:
        found: datetime = await database.fetchval("SELECT t FROM relay")
        return found
