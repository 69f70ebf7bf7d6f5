"""A tale told to the live API at its own pace."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

import httpx

from deskstream_platform.demo.api import Api, must_succeed, refusal_of
from deskstream_platform.demo.page import Bar
from deskstream_platform.demo.translation import SECONDS_A_DAY, Act, Deed, Tale
from deskstream_platform.issuer import Person

_AT_ONCE: Final = 16
_FRAME: Final = 0.1
# Of the process; whatever else is wrong is no part of the tale.
_REFUSALS: Final = {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}


@dataclass(frozen=True, slots=True)
class Sent:
    """An act that was accepted.

    Args:
        version: of the incident after it.
        asked_at: when it was sent off,
        answered_at: and when the answer was there, both by this process's clock.
    """

    act: Act
    version: int
    asked_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that the process did not allow."""

    act: Act
    because: str


@dataclass
class Told:
    """What was told so far.

    Args:
        ids: of the incidents by their number in the log.
        behind: how far the telling was behind the log's pace at most, in seconds.
    """

    ids: dict[str, str] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    behind: float = 0.0

    @property
    def acts(self) -> int:
        """How many acts are through, either way."""
        return len(self.sent) + len(self.refused)

    def refusals(self) -> Mapping[tuple[str, str], list[str]]:
        """The incidents by what was asked of them, and why it was refused."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.refused:
            found.setdefault((one.act.deed.name.lower(), one.because), []).append(one.act.number)
        return found


class Telling:
    """Tells a tale: the acts of one incident one after the other, incidents side by side."""

    def __init__(self, api: Api, tale: Tale, customer: str) -> None:
        self._api = api
        self._tale = tale
        self._customer = customer
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._people = {name: self._person(name) for name in tale.people}
        self._began = 0.0
        self._next: dict[str, float] = {}
        self.told = Told()

    def issue_tokens(self) -> None:
        """Give a token to everybody in the tale."""
        for person in self._people.values():
            self._api.token(person)

    async def tell(self, bar: Bar) -> Told:
        """Tell it from its first day to its last."""
        try:
            await self._tell(bar)
        except ExceptionGroup as failures:
            raise _first(failures) from failures
        return self.told

    async def _tell(self, bar: Bar) -> None:
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            movement = group.create_task(self._move(bar))
            async with asyncio.TaskGroup() as incidents:
                for acts in self._tale.by_incident.values():
                    incidents.create_task(self._tell_incident(acts))
            await self._until(self._tale.days * SECONDS_A_DAY)
            movement.cancel()
        self._show(bar)

    def _person(self, name: str) -> Person:
        return Person(name, "lead" if name in self._tale.leads else "agent")

    async def _tell_incident(self, acts: Sequence[Act]) -> None:
        for act in acts:
            self._next[act.number] = act.at
            await self._until(act.at)
            async with self._at_once:
                self.told.behind = max(self.told.behind, self._now - act.at)
                await self._tell_act(act)
        del self._next[acts[0].number]

    async def _tell_act(self, act: Act) -> None:
        asked_at = datetime.now(UTC)
        answer = await self._send(act)
        if answer.status_code in _REFUSALS and act.deed is not Deed.LOG:
            self.told.refused.append(Refused(act, refusal_of(answer)))
            return
        must_succeed(answer)
        if act.deed is Deed.LOG:
            self.told.ids[act.number] = answer.json()["id"]
        version = int(answer.headers["ETag"].strip('"'))
        self.told.sent.append(Sent(act, version, asked_at, datetime.now(UTC)))

    async def _send(self, act: Act) -> httpx.Response:
        by = self._people[act.by]
        if act.deed is Deed.LOG:
            report = {**(act.body or {}), "organisation": self._customer}
            return await self._api.send("incident", "/incidents", by, report)
        path = f"/incidents/{self.told.ids[act.number]}/{act.deed}"
        return await self._api.send("incident", path, by, act.body)

    async def _move(self, bar: Bar) -> None:
        while True:
            self._show(bar)
            await asyncio.sleep(_FRAME)

    def _show(self, bar: Bar) -> None:
        last_day = self._tale.days * SECONDS_A_DAY
        days = min([self._now, last_day, *self._next.values()]) / SECONDS_A_DAY
        date = self._tale.begins + timedelta(days=days)
        note = f"{self.told.acts:,} of {len(self._tale.acts):,} acts"
        bar.show(days, f"{date:%a %d %b %Y}", note)

    @property
    def _now(self) -> float:
        return time.monotonic() - self._began

    async def _until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - self._now))


def _first(failure: Exception) -> Exception:
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
