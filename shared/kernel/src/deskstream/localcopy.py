"""What a consumer copied from other services, held in memory until it has moved on."""

import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from deskstream.database import Connection, Pool

T = TypeVar("T")
# Whatever a group does to its tables, it does in a transaction that writes its progress.
EDITION = """
SELECT coalesce(sum(xmin::text::bigint), -1) FROM progress WHERE consumer_group = $1
"""


class LocalCopy(Generic[T]):
    """A value made of a group's tables, read again when the group's progress has changed.

    Args:
        group: the consumer group that keeps the tables.
        read: makes the value.
        max_age: seconds for which the progress is not even asked for.
    """

    def __init__(
        self, group: str, read: Callable[[Connection | Pool], Awaitable[T]], *, max_age: float = 0.0
    ) -> None:
        self._group = group
        self._read = read
        self._max_age = max_age
        self._looked = float("-inf")
        self._edition: int | None = None
        self._value: T | None = None

    async def get(self, database: Connection | Pool, *, fresh: bool = False) -> T:
        """The value. `fresh` asks for the progress whatever the age."""
        age = time.monotonic() - self._looked
        if self._value is None or fresh or age >= self._max_age:
            edition = await database.fetchval(EDITION, self._group)
            if self._value is None or edition != self._edition:
                self._value, self._edition = await self._read(database), edition
            self._looked = time.monotonic()
        return self._value
