"""What a consumer copied from other services, held in memory until it has moved on."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from deskstream.database import Connection, Pool

T = TypeVar("T")
# Whatever a group does to its tables, it does in a transaction that writes its progress.
EDITION = """
SELECT coalesce(sum(xmin::text::bigint), -1) FROM progress WHERE consumer_group = $1
"""


@dataclass
class LocalCopy(Generic[T]):
    """A value made of a group's tables, read again when the group's progress has changed.

    Args:
        group: the consumer group that keeps the tables.
        read: makes the value.
        max_age: seconds for which the progress is not even asked for.
    """

    group: str
    read: Callable[[Connection | Pool], Awaitable[T]]
    max_age: float = 0.0
    _looked: float = field(default=float("-inf"), init=False)
    _edition: int | None = field(default=None, init=False)
    _value: T | None = field(default=None, init=False)

    async def get(self, database: Connection | Pool, *, fresh: bool = False) -> T:
        """The value. `fresh` asks for the progress whatever the age."""
        age = time.monotonic() - self._looked
        if self._value is None or fresh or age >= self.max_age:
            edition = await database.fetchval(EDITION, self.group)
            if self._value is None or edition != self._edition:
                self._value, self._edition = await self.read(database), edition
            self._looked = time.monotonic()
        return self._value
