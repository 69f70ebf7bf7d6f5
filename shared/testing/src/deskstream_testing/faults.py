"""Faults made from outside: stopped processes, held locks, cut connections, wrong clocks.

The product has no switch for any of them.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from itertools import takewhile
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any, TypeVar
from unittest.mock import patch

import asyncpg

from deskstream_platform.process import Child, spawn

T = TypeVar("T")
PATIENCE = 60.0


async def eventually(
    condition: Callable[[], Awaitable[T]], what: str, *, seconds: float = PATIENCE
) -> T:
    """Wait until the condition holds; its value.

    Args:
        condition: asked again and again; whatever is true ends the waiting.
        what: the sentence that says what was waited for in vain.
        seconds: the deadline, generous: it only matters when the test fails.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not (found := await condition()):  # noqa: ASYNC110  it is another process's
                await asyncio.sleep(0.05)
            return found
    message = f"not within {seconds:.0f} s: {what}"
    raise AssertionError(message)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """SIGSTOP a process meanwhile: it keeps its sockets, locks and leases, and does nothing."""
    os.kill(pid, SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, SIGCONT)


IN_LINE = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@dataclass
class HeldLock:
    """A lock that a test holds, and a way to see who waits for it."""

    _holder: "asyncpg.Connection[asyncpg.Record]"
    _observer: "asyncpg.Connection[asyncpg.Record]"

    async def is_waited_for(self, sessions: int = 1) -> bool:
        """Whether so many sessions of the database stand in line."""
        waiting: int = await self._observer.fetchval(f"SELECT count(*) {IN_LINE}")
        return waiting >= sessions

    async def disperse(self) -> None:
        """End the sessions in line, as if what they ask had never arrived."""
        await self._observer.execute(f"SELECT pg_terminate_backend(pid, 5000) {IN_LINE}")

    async def release(self) -> None:
        """Let go before the block ends."""
        await self._holder.close()


@asynccontextmanager
async def held_lock(dsn: str, statement: str) -> AsyncIterator[HeldLock]:
    """Hold what a statement locks, such as `LOCK TABLE incidents`, until the block ends."""
    holder, observer = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    try:
        await holder.execute("BEGIN")
        await holder.execute(statement)
        yield HeldLock(holder, observer)
    finally:
        await holder.close()
        await observer.close()


class Line(Enum):
    """What a proxy does with a connection."""

    OPEN = "passes everything on"
    DEAF = "passes questions on and keeps the answers to itself"
    STALLED = "keeps everything to itself"
    REFUSED = "takes no connection"


@dataclass
class TcpProxy:
    """A proxy on loopback whose line can be stalled, made deaf, cut and refused.

    Args:
        target: host and port behind it.
        swallowed: the answers that it kept to itself.
        deaf_after: when one connection has asked these, one after the other, the line goes deaf:
            the answer to the last is lost.
    """

    target: tuple[str, int]
    port: int = 0
    swallowed: bytearray = field(default_factory=bytearray)
    deaf_after: Sequence[bytes] = ()
    _line: Line = Line.OPEN
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _passable: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._passable.set()

    def set(self, line: Line) -> None:
        """From now on, do this with what comes, on connections that are there too."""
        self._line = line
        if line is Line.STALLED:
            self._passable.clear()
        else:
            self._passable.set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def body(self) -> bytes:
        """The body of the one HTTP answer that was swallowed; empty until there is one."""
        return bytes(self.swallowed).partition(b"\r\n\r\n")[2]

    def cut(self) -> None:
        """Break all connections off; new ones pass."""
        self.deaf_after = ()
        self.set(Line.OPEN)
        for writer in list(self._open):
            writer.transport.abort()

    async def stop(self) -> None:
        """Cut, and listen no longer."""
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._line is Line.REFUSED:
            writer.transport.abort()
            return
        try:
            behind = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, behind[1]}
        for one in (
            self._pump(reader, behind[1], answers=False),
            self._pump(behind[0], writer, answers=True),
        ):
            task = asyncio.create_task(one)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        asked = 0
        try:
            while data := await source.read(65_536):
                await self._passable.wait()
                if answers and self._line is Line.DEAF:
                    self.swallowed += data
                    continue
                if not answers and self.deaf_after[asked : asked + 1]:
                    asked += sum(1 for _ in takewhile(data.__contains__, self.deaf_after[asked:]))
                    if asked == len(self.deaf_after):
                        self.set(Line.DEAF)
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            self._open.discard(sink)
            sink.transport.abort()


@asynccontextmanager
async def tcp_proxy(host: str, port: int) -> AsyncIterator[TcpProxy]:
    """A proxy in front of this address."""
    proxy = TcpProxy((host, port))
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()


def faketime_library() -> Path | None:
    """Where Debian's libfaketime is, for processes of several threads; nowhere if not installed."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return found[0] if found else None


@dataclass(frozen=True)
class HostClock:
    """The wall clock of a host, which can be set while processes run. Monotonic clocks stay right.

    Args:
        folder: for the file by which the processes are told.
        library: libfaketime.
    """

    folder: Path
    library: Path

    def set(self, offset: timedelta) -> None:
        """Be off by this much from now on."""
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{offset.total_seconds():+.0f}\n")
        draft.chmod(0o644)
        draft.replace(self._file)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process of this host is started with."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    @contextmanager
    def of_postgres(self) -> Iterator[None]:
        """Let a PostgreSQL that is started meanwhile live on this host."""
        there = ["/usr/bin/env", *(f"{name}={value}" for name, value in self.environment.items())]

        def spawn_there(name: str, command: Sequence[str], log: Path, **how: Any) -> Child:  # noqa: ANN401  as `spawn` takes them
            return spawn(name, [*there, *command], log, **how)

        with patch("deskstream_platform.postgres.spawn", spawn_there):
            yield

    @property
    def _file(self) -> Path:
        return self.folder / "host-clock"
