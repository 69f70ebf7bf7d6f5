"""Ctrl-C, SIGTERM and a closed terminal, as one cancellation."""

import asyncio
from collections.abc import Coroutine
from signal import SIGHUP, SIGINT, SIGTERM
from typing import Any


async def until_interrupted(work: Coroutine[Any, Any, object]) -> None:
    """Run the work; the first of these signals cancels it, further ones let it clean up."""
    task = asyncio.create_task(work)
    interrupted = asyncio.Event()

    def interrupt() -> None:
        if not interrupted.is_set():
            interrupted.set()
            task.cancel()

    loop = asyncio.get_running_loop()
    for signal in (SIGINT, SIGTERM, SIGHUP):
        loop.add_signal_handler(signal, interrupt)
    try:
        await task
    except asyncio.CancelledError:
        if not interrupted.is_set():
            raise
