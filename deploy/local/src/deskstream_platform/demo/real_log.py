"""The part of the demo in which a real company's log is told, and reckoned up."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from rich.markup import escape

from deskstream_platform.demo.api import Api
from deskstream_platform.demo.outcome import Assessment, Comparison, Outcome
from deskstream_platform.demo.page import Page
from deskstream_platform.demo.reckoning import Promise
from deskstream_platform.demo.stage import (
    Stage,
    register_customer,
    register_groups,
    until_known_everywhere,
)
from deskstream_platform.demo.stream import Stream
from deskstream_platform.demo.telling import Telling, Told
from deskstream_platform.demo.translation import SECONDS_A_DAY, Tale
from deskstream_platform.demo.words import plain

_DAYS_PROMISED: Final = {1: 2, 2: 4, 3: 8, 4: 12, 5: 16}
_PROMISE: Final = Promise(
    seconds={priority: round(days * SECONDS_A_DAY) for priority, days in _DAYS_PROMISED.items()},
    pauses_on=frozenset({"awaiting_caller", "awaiting_supplier"}),
    warn_at=Decimal("0.75"),
)
_EXAMPLES: Final = 4


class RealLog:
    """Tells a tale to the live API, and compares what became of it with a reckoning."""

    def __init__(self, api: Api, stream: Stream, page: Page, stage: Stage) -> None:
        self._api = api
        self._stream = stream
        self._page = page
        self._stage = stage

    async def tell(self, tale: Tale) -> list[str]:
        """Tell it, and say what differs in the end."""
        self._introduce(tale)
        with self._page.step("its groups, customer, priority matrix and agreement are registered"):
            await register_groups(self._api, tale.groups)
            customer, agreement = await register_customer(
                self._api, self._stage, tale.matrix, _PROMISE
            )
            await until_known_everywhere(self._api, f"agreement-{agreement}")
        telling = Telling(self._api, tale, customer)
        with self._page.step(f"{len(tale.people)} people of the log have a token each"):
            await asyncio.to_thread(telling.issue_tokens)
        with self._page.progress(tale.days) as bar:
            told = await telling.tell(bar)
        self._sum_up(tale, told)
        return await self._compare(
            Assessment(self._api, self._stream, tale, told, customer, _PROMISE)
        )

    def _introduce(self, tale: Tale) -> None:
        promised = ", ".join(f"P{priority} {days} d" for priority, days in _DAYS_PROMISED.items())
        rows, incidents = tale.cut
        self._page.heading(
            "A real company's log",
            f"The first {len(tale.by_incident)} incidents of an event log of 2016 (Amaral, "
            "Fantinato, Peres, CC BY 4.0), told to the live API, a day in a second.",
            f"The agreement is scaled the same way: to be resolved within {promised}, around the "
            "clock, not counting waits for caller or supplier; a warning at 75 %.",
        )
        if rows:
            self._page.note(
                f"The tale ends with day {tale.days}: {rows} later rows of {incidents} incidents "
                "are left out."
            )

    def _sum_up(self, tale: Tale, told: Told) -> None:
        self._page.done(f"{len(told.ids)} incidents, {len(told.sent):,} acts")
        self._page.note(
            f"{tale.silent:,} of {tale.rows:,} rows change nothing of what is told. In the rush of "
            f"its first days the telling was up to {told.behind:.1f} s behind the log."
        )
        for what, often in tale.inexpressible.items():
            self._page.note(f"The process has no words for {what} ({often} rows).")
        for (deed, because), numbers in told.refusals().items():
            self._page.note(f"Refused to {deed} {_some(numbers)}: {because}")

    async def _compare(self, assessment: Assessment) -> list[str]:
        self._page.heading(
            "What became of them",
            "On the left what the product says; on the right what plain arithmetic, without the "
            "product's code, makes of the acts that were accepted and of when they happened.",
        )
        outcome = await assessment.assess()
        self._page.table(("", "", ">product", ">reckoned", ""), _figures(outcome.comparisons))
        self._page.note(
            f"The instants of {outcome.instants} warnings and breaches on Kafka were compared with "
            "the reckoned ones, to the microsecond."
        )
        return _differences(outcome)


def _some(numbers: Sequence[str]) -> str:
    rest = len(numbers) - _EXAMPLES
    return ", ".join(numbers[:_EXAMPLES]) + (f" and {rest} more" if rest > 0 else "")


def _figures(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    subjects = ["", *(one.subject for one in comparisons)]
    shown = [subject if subject != before else "" for before, subject in pairwise(subjects)]
    return [_row(one, subject) for one, subject in zip(comparisons, shown, strict=True)]


def _row(one: Comparison, subject: str) -> tuple[str, ...]:
    value = f"P{one.value}" if one.value.isdigit() else plain(one.value)
    mark = "[green]=[/]" if one.agrees else "[bold red]≠[/]"
    return subject, escape(value), f"{one.product:,}", f"{one.reckoned:,}", mark


def _differences(outcome: Outcome) -> list[str]:
    return [
        *(
            f"{one.subject}, {one.value}: {one.product} in the product, {one.reckoned} reckoned"
            for one in outcome.comparisons
            if not one.agrees
        ),
        *outcome.remarks,
    ]
