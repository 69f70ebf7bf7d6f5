"""Keeping what was started running."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from deskstream_platform.errors import PlatformError
from deskstream_platform.process import Child

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0
# Who ran that long is not in a loop of crashes.
_STEADY = 60.0


class Part(Protocol):
    """A server or service of the platform."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    @property
    def port(self) -> int:
        """Where it listens."""

    @property
    def child(self) -> Child:
        """Its process."""

    async def start(self) -> None:
        """Start and wait until it is ready."""

    async def stop(self) -> None:
        """Stop; without effect if it does not run."""


async def keep_running(part: Part, tell: Callable[[str], None]) -> None:
    """Start the part again whenever it ends, later and later while it does not stay."""
    delay = _FIRST_DELAY
    while True:
        since = time.monotonic()
        status = await part.child.wait()
        if time.monotonic() - since > _STEADY:
            delay = _FIRST_DELAY
        tell(f"{part.name} ended (exit status {status}); it starts again in {delay:g} s.")
        await asyncio.sleep(delay)
        delay = min(2 * delay, _LONGEST_DELAY)
        try:
            await part.start()
        except (PlatformError, OSError) as error:
            tell(str(error))
        else:
            tell(f"{part.name} runs again.")
