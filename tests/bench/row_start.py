"""From a command to a working system, on a folder that was used before."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from measure import Row

WHAT = "start of the platform, second time, until every service is ready"
GOAL = 15.0
LONGEST = 90.0


async def rows(folder: Path) -> Sequence[Row]:
    """Seconds from the start of the command, so with the start of Python."""
    await _start(folder)
    found = await _start(folder)
    return [Row(WHAT, f"{found:.1f} s", f"≤ {GOAL:.0f} s", met=found <= GOAL)]


async def _start(folder: Path) -> float:
    """Start the platform in this folder, stop it, and tell how long the start took."""
    begin = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("deskstream"), "up", "--folder", folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        return await _ready(process, folder / "platform.json") - begin
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.communicate()


async def _ready(process: asyncio.subprocess.Process, record: Path) -> float:
    """Its addresses are written down when all of it is ready."""
    async with asyncio.timeout(LONGEST):
        while not await asyncio.to_thread(record.exists):
            if process.returncode is not None:
                _, said = await process.communicate()
                raise RuntimeError(f"the platform did not start: {said.decode()}")
            await asyncio.sleep(0.02)
    return time.perf_counter()
