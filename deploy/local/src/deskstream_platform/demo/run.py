"""The demo from its first line to its last."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from deskstream_platform.api import Api
from deskstream_platform.catalogue import until_known_everywhere
from deskstream_platform.demo.invitation import invite
from deskstream_platform.demo.page import Page
from deskstream_platform.demo.real_log import RealLog
from deskstream_platform.demo.stage import Stage, apply_starter_set
from deskstream_platform.demo.story import Story
from deskstream_platform.demo.stream import Stream, console_stream
from deskstream_platform.errors import PlatformError
from deskstream_platform.kafka import KafkaServer
from deskstream_platform.record import RunningPlatform
from deskstream_platform.settings import PlatformSettings
from deskstream_platform.supervisor import running_platform

_TOPICS: Final = ("itsm.incident.events.v1", "itsm.sla-monitor.events.v1")
# Between this machine's clock and that of the database.
_LARGEST_SKEW: Final = timedelta(minutes=1)


@dataclass
class Demo:
    """A run of the demo.

    Args:
        settings: of the platform on which it is given.
        page: on which it is shown.
        ended: whether all of it was shown,
        differences: and how much in it was not as expected.
    """

    settings: PlatformSettings
    page: Page
    ended: bool = False
    differences: int = 0

    async def give(self, *, stay: bool) -> None:
        """Give it, and stay up afterwards until this is cancelled, or end."""
        self._refuse_strange_tokens()
        self.page.heading("The platform", "Real servers on this machine, and the services on top.")
        since = time.monotonic()
        async with running_platform(self.settings, self._hear) as platform:
            try:
                self.page.done(f"everything is ready ({time.monotonic() - since:.1f} s)")
                await self._show(platform, stay=stay)
            finally:
                self.page.line("\nStopping …")

    async def _show(self, platform: RunningPlatform, *, stay: bool) -> None:
        async with self._equipped(platform) as (api, stream):
            with self.page.step("the starter set is applied, and known to all services"):
                stage = await apply_starter_set(api)
                await until_known_everywhere(api, stage.last_policy)
            ticket = await self._tell_story(api, stream, stage)
            folder = self.settings.folder.resolve()
            self._count(await RealLog(api, stream, self.page, folder).tell())
            self._conclude()
            invite(self.page, api, stage, ticket)
        if stay:
            self.page.line("\nIt stays up until Ctrl-C.")
            await asyncio.Event().wait()

    @asynccontextmanager
    async def _equipped(self, platform: RunningPlatform) -> AsyncIterator[tuple[Api, Stream]]:
        folder = self.settings.folder.resolve()
        # With a Kafka of one's own, its console consumer may not be here yet.
        await KafkaServer(folder / "kafka").fetch()
        since = datetime.now(UTC) - _LARGEST_SKEW
        async with (
            console_stream(platform.kafka, _TOPICS, since, folder / "logs") as stream,
            Api(folder, platform) as api,
        ):
            yield api, stream

    async def _tell_story(self, api: Api, stream: Stream, stage: Stage) -> str:
        self.page.heading(
            "One incident",
            "Promised: a first response within 4 s, a resolution within 8 s, not counting waits "
            "for the caller. Kafka's own console consumer reads these lines, as they arrive.",
        )
        story = Story(api, stream, self.page, stage)
        await story.tell()
        self.page.heading("Why it was due when it was", "GET /clocks/{id}/explanation")
        await story.explain()
        self._count(story.differences())
        return story.ticket

    def _hear(self, sentence: str) -> None:
        """What the platform tells, also later on when it has to start something again."""
        tell = self.page.done if "is ready" in sentence else self.page.note
        tell(sentence)

    def _count(self, differences: Sequence[str]) -> None:
        for difference in differences:
            self.page.differs(difference)
        self.differences += len(differences)

    def _conclude(self) -> None:
        self.ended = True
        if self.differences:
            self.page.differs(f"{self.differences} differences, listed above")
        else:
            self.page.done("every expected event was seen, and nothing differs")

    def _refuse_strange_tokens(self) -> None:
        if self.settings.jwks is not None:
            raise PlatformError(
                "The demo's people have tokens of the local issuer, which the services would not "
                "take: unset DESKSTREAM_JWKS."
            )
