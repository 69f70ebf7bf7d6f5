"""Telling a history to the incident service: in batches, as fast as asked for, each step once."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from rich.console import Console

from deskstream_platform.replay.batches import Batch, batches, untold
from deskstream_platform.replay.client import Client
from deskstream_platform.replay.progress import Meter, meter
from deskstream_platform.replay.steps import Kind, Step

# Clocks of this history fire when the frontier has passed them; more often is not sooner.
_SECONDS_BETWEEN_FRONTIERS: Final = 2.0
_OPENINGS: Final = {Kind.LOG, Kind.IMPORT}


@dataclass
class Replay:
    """One run; an import that was begun before goes on from its frontier.

    Args:
        identity: of the import, once it is begun.
        speed: seconds of history in a second; None for as fast as it goes.
        outcomes: of the steps that this run has sent.
        told: how many of all steps are told.
    """

    client: Client
    steps: Sequence[Step]
    console: Console
    speed: float | None = None
    identity: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    told: int = 0
    _announced: float = 0.0

    async def begin(self, name: str, because: str) -> datetime | None:
        """Begin the import of this name, or find it; how far it was told."""
        found = await self.client.post("/imports", {"name": name, "because": because})
        self.identity = str(found["id"])
        frontier = found["frontier"]
        return datetime.fromisoformat(frontier) if frontier else None

    async def tell(self, frontier: datetime | None) -> None:
        """Tell what comes after the frontier."""
        left = untold(self.steps, frontier)
        self.told = len(self.steps) - len(left)
        span = timedelta.max if self.speed is None else timedelta(seconds=self.speed)
        since = time.monotonic()
        with meter(self.console, len(self.steps), self.told) as told:
            for batch in batches(left, span):
                await self._wait_for(batch, left[0].at, since)
                await self._send(batch, told)

    async def end(self) -> None:
        """Say that nothing of this history is still to come."""
        await self.client.post(f"/imports/{self.identity}/end")

    async def _wait_for(self, batch: Batch, first: datetime, since: float) -> None:
        if self.speed is not None:
            due = since + (batch.steps[-1].at - first).total_seconds() / self.speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _send(self, batch: Batch, told: Meter) -> None:
        answer = await self.client.post(f"/imports/{self.identity}/steps", batch.body)
        self.outcomes.update(one["outcome"] for one in answer["outcomes"])
        self.told += len(batch.steps)
        is_last = self.told == len(self.steps)
        if batch.until is not None and (is_last or self._is_time_to_announce()):
            await self._announce(batch.until)
        told.come_to(self.told, f"{batch.steps[-1].at:%Y-%m-%d}")

    def _is_time_to_announce(self) -> bool:
        return time.monotonic() - self._announced >= _SECONDS_BETWEEN_FRONTIERS

    async def _announce(self, until: datetime) -> None:
        body: dict[str, Any] = {"until": until.isoformat()}
        await self.client.post(f"/imports/{self.identity}/frontier", body)
        self._announced = time.monotonic()


def of_customer(steps: Sequence[Step], organisation: str) -> Sequence[Step]:
    """The steps, as those of tickets of this organisation."""
    return [
        replace(step, fields={**step.fields, "organisation": organisation})
        if step.kind in _OPENINGS
        else step
        for step in steps
    ]
