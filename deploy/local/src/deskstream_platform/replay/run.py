"""A run of `deskstream replay`, from the file to the report."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Final

from rich.console import Console

from deskstream_platform.api import Api
from deskstream_platform.errors import PlatformError
from deskstream_platform.issuer import Person, issue_token
from deskstream_platform.record import RunningPlatform
from deskstream_platform.replay.client import Client
from deskstream_platform.replay.customer import covered, registered_customer
from deskstream_platform.replay.mapping import LogMapping
from deskstream_platform.replay.readable import readable
from deskstream_platform.replay.replaying import Replay, of_customer
from deskstream_platform.replay.report import refused_by_the_service, write_report
from deskstream_platform.replay.rows import Refused, read_rows
from deskstream_platform.replay.telling import Tale, tell

_IMPORTER: Final = Person("deskstream replay", "service", scopes=("import",))
_FASTEST: Final = "max"


@dataclass
class Run:
    """What was asked for.

    Args:
        is_complete: whether all was told.
    """

    file: Path
    mapping: LogMapping
    name: str | None
    into: str | None
    speed: float | None
    organisation: str | None
    token: str | None
    report: Path
    ends: bool
    folder: Path
    is_complete: bool = False
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))

    async def give(self) -> Replay:
        """Read the log, register its customer, tell it, and list what was refused."""
        mapping = self.mapping
        tale = tell(read_rows(self.file, mapping), mapping)
        self._say(f"{self.file}: {tale.rows:,} rows tell {tale.tickets:,} tickets.")
        if not tale.steps:
            write_report(self.report, tale.refused)
            raise PlatformError(f"Nothing in {self.file} can be told: see {self.report}.")
        customer = self.organisation or await self._register(mapping, tale)
        steps, unreadable = readable(of_customer(tale.steps, customer))
        async with Client(self._url(), self._bearer) as client:
            replay = Replay(client, steps, self.console, self.speed)
            await self._tell(replay, mapping)
            by_service = await refused_by_the_service(client, replay.identity, steps)
        self._conclude(replay, [*tale.refused, *unreadable, *by_service])
        return replay

    async def _register(self, mapping: LogMapping, tale: Tale) -> str:
        if self.into or self.token:
            raise PlatformError(
                "Another system's catalogue is not for this command to write: register the"
                f" customer “{mapping.customer_name}” and its priority matrix there, and name its"
                " id with --organisation."
            )
        begins = min(step.fields.get("opened_at", step.at) for step in tale.steps)
        async with Api(self.folder, RunningPlatform.find(self.folder)) as api:
            customer = await registered_customer(api, mapping, begins)
            if not await covered(api, customer):
                self._say(
                    f"No agreement is for {mapping.customer_name} ({customer}), so no clocks will"
                    " run; one that is agreed later, valid from before the log, reaches back."
                )
        return customer

    async def _tell(self, replay: Replay, mapping: LogMapping) -> None:
        name = self.name or f"{mapping.name}: {self.file.name}"
        frontier = await replay.begin(name, f"The history of {self.file.name} is told.")
        if frontier is not None:
            self._say(f"“{name}” was told up to {frontier:%Y-%m-%d %H:%M}; it goes on from there.")
        async with self._resumable(replay):
            since = time.monotonic()
            await replay.tell(frontier)
            if self.ends:
                await replay.end()
        self._sum_up(replay, time.monotonic() - since)

    @asynccontextmanager
    async def _resumable(self, replay: Replay) -> AsyncIterator[None]:
        try:
            yield
        except BaseException:
            self._say(
                f"It stopped after {replay.told:,} of {len(replay.steps):,} steps. Run the same"
                " command again: it goes on from there."
            )
            raise

    def _sum_up(self, replay: Replay, seconds: float) -> None:
        sent = replay.outcomes.total()
        if not replay.outcomes["done"]:
            self._say("Everything was told before: nothing changed.")
            return
        outcomes = ", ".join(f"{count:,} {name}" for name, count in replay.outcomes.items())
        rate = sent / max(seconds, 0.001)
        self._say(f"{sent:,} steps in {seconds:.1f} s ({rate:,.0f} a second): {outcomes}.")

    def _conclude(self, replay: Replay, refused: Sequence[Refused]) -> None:
        write_report(self.report, refused)
        if refused:
            self._say(f"Of what {len(refused):,} rows say, not all was taken: see {self.report}.")
        else:
            self._say("Every row was taken.")
        self._say(f"Its source is import:{replay.identity}.")
        self.is_complete = True

    def _url(self) -> str:
        return self.into or RunningPlatform.find(self.folder).services["incident"].url

    def _bearer(self) -> str:
        return self.token or issue_token(self.folder, _IMPORTER)

    def _say(self, sentence: str) -> None:
        self.console.print(sentence, markup=False)


def speed_of(text: str) -> float | None:
    """Seconds of history a second; None for as fast as it goes.

    Raises:
        PlatformError: it is neither a number nor `max`.
    """
    if text == _FASTEST:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not isfinite(speed) or speed <= 0:
        raise PlatformError(f"--speed {text} is no speed: give a number above 0, or {_FASTEST}.")
    return speed
