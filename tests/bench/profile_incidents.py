"""Where the processor time of logging an incident goes, in the service's own process."""

import json
import os
import re
import signal
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from http_load import Plan, load
from row_incidents import BODY, other_topics
from servers import HERE, Servers, servers, trace_sink

from deskstream_platform.ports import free_port
from deskstream_platform.service import Service, ServiceProcess
from deskstream_testing.stack import Stack

SECONDS = 15.0
SHOWN = 25
Frame = tuple[str, str]


@dataclass(frozen=True)
class Profile:
    """How often which stack was seen, the outermost call first."""

    stacks: list[tuple[list[Frame], int]]

    @property
    def samples(self) -> int:
        """In all."""
        return sum(count for _, count in self.stacks)

    def inside(self) -> Counter[str]:
        """By package or module, the time in its own code."""
        found: Counter[str] = Counter()
        for stack, count in self.stacks:
            found[_package(stack[-1][0])] += count
        return found

    def through(self) -> Counter[str]:
        """By function, the time in it and in what it calls."""
        found: Counter[str] = Counter()
        for stack, count in self.stacks:
            found.update(dict.fromkeys(self._named(stack), count))
        return found

    def _named(self, stack: Iterable[Frame]) -> set[str]:
        return {f"{_package(file)}: {function}" for file, function in stack}


def _package(file: str) -> str:
    """`asyncpg`, `opentelemetry/sdk`, `deskstream/store.py`, or the module of the library."""
    if match := re.search(r"site-packages/(opentelemetry/\w+|\w+)", file):
        return match[1]
    if match := re.search(r"/src/(.+)", file):
        return match[1]
    return Path(file).name


async def report() -> str:
    """The shares, as text."""
    with tempfile.TemporaryDirectory() as folder:
        async with servers(Path(folder)) as running:
            profile, rate = await _profile(running)
    return "\n".join(
        [
            f"{rate:,.0f} incidents/s under the sampler, {profile.samples} samples.",
            *_shares("In its own code:", profile.inside(), profile.samples),
            *_shares("In it and what it calls:", profile.through(), profile.samples, 3 * SHOWN),
        ]
    )


async def _profile(running: Servers) -> tuple[Profile, float]:
    await other_topics(running.kafka.bootstrap)
    target = running.folder / "profile.json"
    async with trace_sink(running.folder) as tracing:
        settings = {**tracing, "PYTHONPATH": str(HERE), "PROFILE": str(target)}
        stack = Stack(running.folder, running.postgres, running.kafka)
        database = await running.postgres.ensure_database("incident")
        service = ServiceProcess(
            Service("incident", "profiled", 0),
            free_port(),
            {**stack._settings(database), **settings},
            running.folder / "logs" / "incident.log",
        )
        try:
            await service.start()
            token = f"Bearer {stack.token('ada', 'agent')}"
            plan = Plan(service.port, "/incidents", token, BODY, seconds=2.0)
            await load(plan)
            os.kill(service.child.pid, signal.SIGUSR1)
            result = await load(replace(plan, seconds=SECONDS, warm_up=0.0))
        finally:
            await service.stop()
    return Profile(json.loads(target.read_text())), result.rate


def _shares(title: str, found: Counter[str], samples: int, shown: int = SHOWN) -> list[str]:
    everywhere = [name for name, count in found.items() if count == samples]
    lines = [
        f"{100 * count / samples:6.1f} %  {name}"
        for name, count in found.most_common(shown + len(everywhere))
        if name not in everywhere
    ]
    return ["", title, *lines]
