"""The part of the demo in which a real company's log is replayed, and reckoned up."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rich.markup import escape

from deskstream_platform.api import Api
from deskstream_platform.catalogue import OWNER, until_known_everywhere
from deskstream_platform.demo.excerpt import EXCERPT
from deskstream_platform.demo.outcome import (
    Comparison,
    Figure,
    Outcome,
    Product,
    differing_instants,
    figures,
    instants,
    on_kafka,
    side_by_side,
)
from deskstream_platform.demo.page import Page
from deskstream_platform.demo.reckoning import Promise, reckon
from deskstream_platform.demo.stream import Stream, out_of_order
from deskstream_platform.demo.words import plain
from deskstream_platform.replay.customer import registered_customer
from deskstream_platform.replay.mapping import LogMapping
from deskstream_platform.replay.mapping_file import read_mapping
from deskstream_platform.replay.replaying import Replay
from deskstream_platform.replay.run import Run

_HOUR, _DAY = 3600, 86400
# Of the usual agreement, with a day for its eight hours of the office.
_PROMISE: Final = Promise(
    seconds={1: 4 * _HOUR, 2: 8 * _HOUR, 3: 3 * _DAY, 4: 5 * _DAY, 5: 10 * _DAY},
    pauses_on=frozenset({"awaiting_caller"}),
    warn_at=Decimal("0.75"),
)
_LONG_AGO: Final = datetime(2016, 1, 1, tzinfo=UTC)
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TAKEN: Final = {"done", "unchanged"}
_PATIENCE: Final = 60.0
_POLL: Final = 0.3


@dataclass(frozen=True)
class RealLog:
    """Replays the excerpt that ships, and compares what became of it with a reckoning.

    Args:
        folder: of the platform.
    """

    api: Api
    stream: Stream
    page: Page
    folder: Path

    async def tell(self) -> list[str]:
        """Tell it, and say what differs in the end."""
        self._introduce()
        mapping = read_mapping("servicenow").model_copy(update={"customer": _new_customer()})
        with self.page.step("its customer, calendar and agreement are registered, as of 2016"):
            customer = await self._agree(mapping)
        replay = await self._replay(mapping)
        return await self._compare(replay, customer)

    def _introduce(self) -> None:
        self.page.heading(
            "A real company's log",
            "The first 300 incidents of an event log of 2016 (Amaral, Fantinato, Peres, CC BY "
            "4.0), told by deskstream replay: as it happened then, with its times and numbers.",
            "To be resolved within P1 4 h, P2 8 h, P3 3 d, P4 5 d, around the clock, not counting "
            "waits for the caller; a warning at 75 %.",
        )

    async def _agree(self, mapping: LogMapping) -> str:
        customer = await registered_customer(self.api, mapping, _LONG_AGO)
        hours = {day: [["00:00", "24:00"]] for day in _WEEK}
        calendar = await self._register(
            "/calendars",
            name=f"Around the clock: {mapping.customer_name}",
            working_time={"timezone": "UTC", "hours": hours},
            effective_from=_LONG_AGO.isoformat(),
        )
        agreement = await self._register(
            "/agreements",
            name=f"Service levels: {mapping.customer_name}",
            kind="sla",
            customer=customer,
            valid_from=_LONG_AGO.isoformat(),
            calendar=calendar,
            pauses_on=sorted(_PROMISE.pauses_on),
            warn_at=[str(_PROMISE.warn_at)],
            targets=[
                {"ticket_type": "incident", "priority": one, "seconds": {"resolution": seconds}}
                for one, seconds in _PROMISE.seconds.items()
            ],
        )
        await until_known_everywhere(self.api, f"agreement-{agreement}")
        return customer

    async def _register(self, path: str, **body: Any) -> str:  # noqa: ANN401 - what JSON takes
        return str((await self.api.tell("catalog", path, OWNER, body))["id"])

    async def _replay(self, mapping: LogMapping) -> Replay:
        return await Run(
            file=EXCERPT,
            mapping=mapping,
            name=mapping.customer_name,
            into=None,
            speed=None,
            organisation=None,
            token=None,
            report=self.folder / "logs" / "replay.refused.csv",
            ends=False,
            folder=self.folder,
            console=self.page.console,
        ).give()

    async def _compare(self, replay: Replay, customer: str) -> list[str]:
        self.page.heading(
            "What became of them",
            "On the left what the product says; on the right what plain arithmetic, without the "
            "services' code, makes of the steps that were told.",
        )
        outcome = await self._outcome(replay, customer)
        self.page.table(("", "", ">product", ">reckoned", ""), _figures(outcome.comparisons))
        self.page.note(
            f"The instants of {outcome.instants} warnings and breaches on Kafka were compared with "
            "the reckoned ones, to the microsecond."
        )
        return _differences(outcome)

    async def _outcome(self, replay: Replay, customer: str) -> Outcome:
        """Clocks still follow while this is asked, so a difference counts only if it stays."""
        ends = replay.steps[-1].at
        reckoned = reckon(replay.steps, _PROMISE, ends)
        product = Product(self.api, customer, _LONG_AGO, ends + timedelta(days=1))
        numbers = await product.numbers()
        must = figures(reckoned.values())
        deadline = time.monotonic() + _PATIENCE
        while True:
            arrivals = [one for one in self.stream.arrivals.values() if one.ticket in numbers]
            seen = await product.figures() | on_kafka(arrivals)
            remarks = [
                *_not_taken(replay),
                *differing_instants(arrivals, reckoned, numbers),
                *out_of_order(arrivals),
            ]
            outcome = Outcome(list(side_by_side(seen, must)), remarks, instants(arrivals))
            if outcome.agrees or time.monotonic() > deadline:
                return outcome
            await asyncio.sleep(_POLL)


def _not_taken(replay: Replay) -> list[str]:
    return [
        f"{count:,} steps of the log were {outcome}"
        for outcome, count in replay.outcomes.items()
        if outcome not in _TAKEN
    ]


def _new_customer() -> str:
    return f"Company of the real log, {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


def _figures(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    subjects = ["", *(one.subject for one in comparisons)]
    shown = [subject if subject != before else "" for before, subject in pairwise(subjects)]
    return [_row(one, subject) for one, subject in zip(comparisons, shown, strict=True)]


def _row(one: Comparison, subject: str) -> tuple[str, ...]:
    value = f"P{one.value}" if one.value.isdigit() else plain(one.value)
    mark = "[green]=[/]" if one.agrees else "[bold red]≠[/]"
    return subject, escape(value), _written(one.product), _written(one.reckoned), mark


def _written(figure: Figure) -> str:
    return f"{figure:,}" if isinstance(figure, int) else figure


def _differences(outcome: Outcome) -> list[str]:
    return [
        *(
            f"{one.subject}, {one.value}: {one.product} in the product, {one.reckoned} reckoned"
            for one in outcome.comparisons
            if not one.agrees
        ),
        *outcome.remarks,
    ]
