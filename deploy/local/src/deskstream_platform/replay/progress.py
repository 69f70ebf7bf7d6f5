"""How far a replay has come: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_SECONDS_BETWEEN_LINES: Final = 5.0


class Meter(Protocol):
    """Hears how far it has come."""

    def come_to(self, done: int, day: str) -> None:
        """So many steps are told, up to this day of history."""


@contextmanager
def meter(console: Console, total: int, done: int) -> Iterator[Meter]:
    """What is right for this console."""
    if not console.is_terminal:
        yield Lines(console, total, done)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        yield Bar(progress, progress.add_task("", total=total, completed=done))


class Bar:
    """Moves a bar, with rate and time left."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def come_to(self, done: int, day: str) -> None:
        """Move it."""
        self._progress.update(self._task, completed=done, description=day)


class Lines:
    """Prints a line every few seconds."""

    def __init__(self, console: Console, total: int, done: int) -> None:
        self._console = console
        self._total = total
        self._first = done
        self._since = self._last = time.monotonic()

    def come_to(self, done: int, day: str) -> None:
        """Print a line, if it is time or all is told."""
        now = time.monotonic()
        if now - self._last < _SECONDS_BETWEEN_LINES and done < self._total:
            return
        self._last = now
        rate = max(done - self._first, 1) / max(now - self._since, 0.001)
        left = (self._total - done) / rate
        self._console.print(
            f"{day}  {done:,} of {self._total:,} steps, {rate:,.0f} a second, {left:.0f} s left",
            highlight=False,
        )


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Steps a second, of late."""
        return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s")
