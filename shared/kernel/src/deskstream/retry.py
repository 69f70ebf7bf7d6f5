"""Waiting longer after each failure, with jitter, so that many do not come back at once."""

import asyncio
import random


class Backoff:
    """The pauses between attempts: from `first` seconds, doubling, up to `longest`."""

    def __init__(self, first: float = 0.1, longest: float = 5.0) -> None:
        self._first = self._next = first
        self._longest = longest

    def reset(self) -> None:
        """An attempt succeeded."""
        self._next = self._first

    async def pause(self) -> None:
        """Wait before the next attempt."""
        await asyncio.sleep(self._next * random.uniform(0.5, 1.0))  # noqa: S311  jitter, no secret
        self._next = min(self._next * 2, self._longest)
