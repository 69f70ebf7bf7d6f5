"""Beginning again after a failure, with pauses that grow, and jitter against a crowd."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog
from aiokafka.errors import KafkaError

from deskstream.database import TRANSIENT

log = structlog.get_logger()


class Again(Exception):
    """Somebody else was first or has taken over: whoever begins again finds what is true now."""


class Stopped(Exception):
    """To begin again would do harm: somebody has to look into it."""


PASSING = (Again, KafkaError, *TRANSIENT)


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


async def keep_trying(name: str, attempt: Callable[[Backoff], Awaitable[None]]) -> None:
    """Begin again whenever this ends or fails; what nobody foresaw is logged with its trace.

    Args:
        name: of what is attempted, for the log.
        attempt: is given the pauses, to reset them when it goes well.

    Raises:
        Stopped: the attempt did; it is not begun again.
    """
    backoff = Backoff()
    while True:
        try:
            await attempt(backoff)
        except Stopped:
            raise
        except PASSING as error:
            log.warning("begins again", work=name, because=repr(error))
        except Exception:  # what nobody foresaw may pass too
            log.exception("failed, and begins again", work=name)
        await backoff.pause()
