"""What became of the incidents that were told, beside what must have."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deskstream_platform.demo.api import Api
from deskstream_platform.demo.reckoning import Fact, Phase, Promise, Reckoned, impossible, reckon
from deskstream_platform.demo.stream import Arrival, Stream, out_of_order
from deskstream_platform.demo.telling import Sent, Told
from deskstream_platform.demo.translation import Deed, Tale
from deskstream_platform.issuer import Person

_AUDITOR: Final = Person("Ada Lindqvist", "auditor")
_AT_ONCE: Final = 8
_PATIENCE: Final = 20.0
_POLL: Final = 0.3
# The host's clock and the database's may differ by as much before an event counts as misdated.
_SLACK: Final = timedelta(milliseconds=250)
_STATES: Final = ("new", "in_progress", "on_hold", "resolved", "closed")
_WARNED, _BREACHED = "clock.warned.v1", "clock.breached.v1"
_INSTANTS: Final = {_WARNED, _BREACHED}
_TYPES: Final = {
    Deed.LOG: "incident.logged.v1",
    Deed.PRIORITISE: "incident.prioritised.v1",
    Deed.ASSIGN: "incident.assigned.v2",
    Deed.START: "incident.work_started.v1",
    Deed.HOLD: "incident.put_on_hold.v1",
    Deed.RESUME: "incident.resumed.v1",
    Deed.RESOLVE: "incident.resolved.v2",
    Deed.REOPEN: "incident.reopened.v1",
    Deed.CLOSE: "incident.closed.v1",
}
# Who is responsible already, or what is as pressing already, stays so.
_MAY_CHANGE_NOTHING: Final = {Deed.ASSIGN, Deed.PRIORITISE}

_BY_STATE, _BY_PRIORITY = "incidents by state", "incidents by priority"
_BY_PHASE, _MISSED = "clocks by phase", "clocks breached"
_NOTED = "breaches noted on incidents"
_WARNINGS, _BREACHES = "warnings on Kafka", "breaches on Kafka"
_ACTS = "acts on Kafka"

Figures = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure of the product beside the one that was reckoned."""

    subject: str
    value: str
    product: int
    reckoned: int

    @property
    def agrees(self) -> bool:
        """Whether they are the same."""
        return self.product == self.reckoned


@dataclass(frozen=True)
class Outcome:
    """All figures, and what differs in single incidents."""

    comparisons: Sequence[Comparison]
    remarks: Sequence[str]
    instants: int

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.remarks and all(one.agrees for one in self.comparisons)


@dataclass(frozen=True)
class History:
    """The accepted acts of an incident, dated by its history.

    Args:
        versions: to which they led.
        remarks: what is missing, or lies outside the time between question and answer.
    """

    number: str
    facts: Sequence[Fact]
    versions: frozenset[int]
    remarks: Sequence[str]


class Assessment:
    """Compares the product with the reckoning until they agree, or patience ends.

    Args:
        customer: whose incidents are looked at.
        promise: what was agreed with it.
    """

    def __init__(
        self, api: Api, stream: Stream, tale: Tale, told: Told, customer: str, promise: Promise
    ) -> None:
        self._api = api
        self._stream = stream
        self._tale = tale
        self._told = told
        self._customer = customer
        self._promise = promise

    async def assess(self) -> Outcome:
        """Clocks still run while this is asked, so a difference counts only if it stays."""
        histories = await self._histories()
        deadline = time.monotonic() + _PATIENCE
        while True:
            outcome = await self._compare(histories)
            if outcome.agrees or time.monotonic() > deadline:
                return outcome
            await asyncio.sleep(_POLL)

    async def _histories(self) -> Mapping[str, History]:
        at_once = asyncio.Semaphore(_AT_ONCE)
        sent: dict[str, list[Sent]] = {}
        for one in self._told.sent:
            sent.setdefault(one.act.number, []).append(one)

        async def read(number: str, identity: str) -> tuple[str, History]:
            path = f"/incidents/{identity}/history"
            async with at_once:
                page = await self._api.get("incident", path, _AUDITOR, limit=200)
            return identity, dated(number, sent[number], page["items"])

        return dict(await asyncio.gather(*(read(*pair) for pair in self._told.ids.items())))

    async def _compare(self, histories: Mapping[str, History]) -> Outcome:
        product = await self._figures()
        arrivals = [one for one in self._stream.arrivals.values() if one.ticket in histories]
        now = datetime.now(UTC)
        reckoned = {
            identity: reckon(history.facts, self._promise, now)
            for identity, history in histories.items()
        }
        seen = {**product, **on_kafka(arrivals, reckoned, histories)}
        return Outcome(
            comparisons=list(side_by_side(seen, figures(reckoned.values(), histories))),
            remarks=[
                *differing_refusals(self._tale, self._told),
                *(remark for history in histories.values() for remark in history.remarks),
                *differing_instants(arrivals, reckoned, histories),
                *out_of_order(arrivals),
            ],
            instants=sum(arrival.type in _INSTANTS for arrival in arrivals),
        )

    async def _figures(self) -> dict[str, Figures]:
        phases = [*Phase, "cancelled"]
        incidents, clocks = "/incidents/counts", "/clocks/counts"
        own = {"organisation": self._customer}
        return {
            _BY_STATE: await self._count("incident", incidents, by="status", **own),
            _BY_PRIORITY: await self._count("incident", incidents, by="priority", **own),
            _BY_PHASE: await self._count("sla-monitor", clocks, by="phase", phase=phases, **own),
            _MISSED: await self._count(
                "sla-monitor", clocks, by="priority", phase=phases, breached="true", **own
            ),
            _NOTED: await self._count("incident", incidents, by="priority", breached="true", **own),
        }

    async def _count(self, service: str, path: str, **query: str | list[str]) -> Figures:
        answer = await self._api.get(service, path, _AUDITOR, **query)
        return {str(one["value"]): int(one["count"]) for one in answer["counts"]}


def dated(number: str, sent: Sequence[Sent], entries: Sequence[Mapping[str, Any]]) -> History:
    """When the acts of an incident happened. An act that changed nothing is left out."""
    events = {int(entry["version"]): entry for entry in entries}
    facts: list[Fact] = []
    versions: set[int] = set()
    remarks: list[str] = []
    for one in sent:
        # Logged for a group, an incident has two events at once.
        version = 1 if one.act.deed is Deed.LOG else one.version
        if version not in events:
            remarks.append(f"{number}: version {version} is not in its history")
        elif events[version]["type"] == _TYPES[one.act.deed]:
            at = datetime.fromisoformat(events[version]["at"])
            facts.append(Fact(one.act, at))
            versions.add(version)
            if not one.asked_at - _SLACK <= at <= one.answered_at + _SLACK:
                remarks.append(f"{number}: {one.act.deed.name} is dated {at}, not when it was sent")
        elif one.act.deed not in _MAY_CHANGE_NOTHING:
            remarks.append(f"{number}: {one.act.deed.name} was accepted, and left no event")
    return History(number, facts, frozenset(versions), remarks)


def figures(reckoned: Collection[Reckoned], histories: Mapping[str, History]) -> dict[str, Figures]:
    """The figures that the product must show."""
    warned = [one for one in reckoned if one.warned_at]
    breached = [one for one in reckoned if one.breached_at]
    return {
        _BY_STATE: Counter(one.status for one in reckoned),
        _BY_PRIORITY: _by_priority(reckoned),
        _BY_PHASE: Counter(one.phase for one in reckoned),
        _MISSED: _by_priority(breached),
        _NOTED: _by_priority(breached),
        _WARNINGS: _by_priority(warned),
        _BREACHES: _by_priority(breached),
        _ACTS: {"all": sum(len(history.versions) for history in histories.values())},
    }


def on_kafka(
    arrivals: Collection[Arrival],
    reckoned: Mapping[str, Reckoned],
    histories: Mapping[str, History],
) -> dict[str, Figures]:
    """The figures that the topics show."""
    warned = [reckoned[one.ticket] for one in arrivals if one.type == _WARNED]
    breached = [reckoned[one.ticket] for one in arrivals if one.type == _BREACHED]
    acts = [
        one
        for one in arrivals
        if one.type in _TYPES.values() and one.version in histories[one.ticket].versions
    ]
    return {
        _WARNINGS: _by_priority(warned),
        _BREACHES: _by_priority(breached),
        _ACTS: {"all": len(acts)},
    }


def differing_refusals(tale: Tale, told: Told) -> Iterator[str]:
    """What was refused though it is possible, or the reverse."""
    for number, acts in tale.by_incident.items():
        found = [one.act for one in told.refused if one.act.number == number]
        must = impossible(acts)
        if found != must:
            refused, wanted = (", ".join(one.deed.name for one in some) for some in (found, must))
            yield f"{number}: refused was {refused or 'nothing'}, reckoned {wanted or 'nothing'}"


def differing_instants(
    arrivals: Iterable[Arrival],
    reckoned: Mapping[str, Reckoned],
    histories: Mapping[str, History],
) -> Iterator[str]:
    """Warnings and breaches on Kafka that are dated otherwise than reckoned, or missing."""
    told = {(one.ticket, one.type): one.at for one in arrivals if one.type in _INSTANTS}
    for identity, one in reckoned.items():
        for kind, must in ((_WARNED, one.warned_at), (_BREACHED, one.breached_at)):
            found = told.get((identity, kind))
            if found != must:
                number = histories[identity].number
                yield f"{number}: {kind} is dated {found} on Kafka, reckoned {must}"


def side_by_side(
    product: Mapping[str, Figures], reckoned: Mapping[str, Figures]
) -> Iterator[Comparison]:
    """Each figure with its counterpart; what is nowhere counts as none."""
    for subject, expected in reckoned.items():
        found = product[subject]
        values: list[str] = [value for value in _STATES if value in {*expected, *found}]
        values += sorted({*expected, *found} - set(values))
        for value in values:
            yield Comparison(subject, value, found.get(value, 0), expected.get(value, 0))


def _by_priority(reckoned: Iterable[Reckoned]) -> Figures:
    return Counter(str(one.priority) for one in reckoned)
