"""Child processes that no Ctrl-C reaches directly and that end with their parent."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

_POLL = 0.02
_LONGEST_LOG = 20_000_000


@dataclass(frozen=True)
class Child:
    """A running child.

    It is polled rather than awaited through asyncio's own child watcher, so that it
    may outlive the event loop that started it.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int = 0

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def said(self) -> str:
        """What its log got since it started."""
        with self.log.open(errors="replace") as log:
            log.seek(self.log_start)
            return log.read()

    def last_words(self, marker: str = "") -> str:
        """What the last line of that with this marker in it says after the marker."""
        lines = [line for line in self.said().splitlines() if line.strip() and marker in line]
        last = lines[-1] if lines else ""
        return last.partition(marker)[2].strip() if marker else last.strip()

    async def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end; the exit status, or None if it runs on after so many seconds."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while (status := self.process.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                return None
            await asyncio.sleep(_POLL)
        return status

    async def complete(self) -> int:
        """Wait for its end, and take it along if waiting is given up."""
        try:
            return await self.wait() or 0
        finally:
            if self.running:
                self.process.kill()

    async def stop(self, grace: float, first: Signals = SIGTERM) -> None:
        """Ask it to end, and insist when the grace is over."""
        self.process.send_signal(first)
        if await self.wait(grace) is None:
            self.process.kill()
            await self.wait()


def spawn(
    name: str,
    command: Sequence[str],
    log: Path,
    *,
    privileges: Sequence[str] = (),
    death_signal: Signals = SIGKILL,
    env: Mapping[str, str] | None = None,
) -> Child:
    """Start a child in a session of its own; `death_signal` reaches it when the parent dies.

    Linux sends that signal when the *thread* that forked ends: call this from the main thread.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LONGEST_LOG:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") as output:
        log_start = output.tell()
        process = subprocess.Popen(
            [*_leash(death_signal, privileges), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            start_new_session=True,
        )
    return Child(name, process, log, log_start)


def setpriv() -> str | None:
    """Where util-linux's setpriv is; nowhere on systems other than Linux."""
    return shutil.which("setpriv") or shutil.which("setpriv", path=os.defpath)


def _leash(death_signal: Signals, privileges: Sequence[str]) -> list[str]:
    tool = setpriv()
    if tool is None:
        return []
    return [tool, "--pdeathsig", death_signal.name.removeprefix("SIG"), *privileges, "--"]
