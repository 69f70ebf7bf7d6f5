"""What the product says became of a history, beside what must have."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from deskstream_platform.api import Api
from deskstream_platform.demo.reckoning import Clock, Phase, Reckoned
from deskstream_platform.demo.stream import Arrival
from deskstream_platform.issuer import Person

_AUDITOR: Final = Person("Ada Lindqvist", "auditor")
_MOST: Final = 200
_BUSIEST: Final = 5
_WARNED, _BREACHED, _REOPENED = "clock.warned.v1", "clock.breached.v1", "incident.reopened.v1"

_BY_STATE, _BY_PRIORITY = "incidents by state", "incidents by priority"
_GROUPS = "busiest groups"
_TO_RESOLVE = "median time to resolve"
_WAITED = "time spent waiting"
_BY_PHASE, _MISSED = "clocks by phase", "clocks breached"
_ATTAINMENT = "attainment"
_NOTED = "breaches noted on incidents"
_WARNINGS, _BREACHES = "warnings on Kafka", "breaches on Kafka"
_REOPENINGS = "reopenings on Kafka"
_FOR_CALLER, _ALL = "for the caller", "all"

Figure = int | str
Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure of the product beside the one that was reckoned."""

    subject: str
    value: str
    product: Figure
    reckoned: Figure

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
class Product:
    """Asks the read models of the services about the incidents of a customer.

    Args:
        since: before the history begins; reports are from then until `until`, after it ends.
    """

    api: Api
    customer: str
    since: datetime
    until: datetime

    async def numbers(self) -> Mapping[str, str]:
        """The number in the other tool of each incident, by id."""
        return {one["id"]: one["external_reference"] for one in await self._incidents()}

    async def figures(self) -> dict[str, Figures]:
        """What it says."""
        incidents, clocks = "/incidents/counts", "/clocks/counts"
        every: dict[str, Any] = {"phase": [*Phase, "cancelled"], "target": "resolution"}
        return {
            _BY_STATE: await self._count("incident", incidents, by="status"),
            _BY_PRIORITY: await self._count("incident", incidents, by="priority"),
            _GROUPS: busiest(await self._count("incident", incidents, by="group")),
            _TO_RESOLVE: {_ALL: await self._median_to_resolve()},
            _WAITED: {_FOR_CALLER: await self._waited()},
            _BY_PHASE: await self._count("sla-monitor", clocks, by="phase", **every),
            _MISSED: await self._count(
                "sla-monitor", clocks, by="priority", breached="true", **every
            ),
            _NOTED: await self._count("incident", incidents, by="priority", breached="true"),
            _ATTAINMENT: await self._attainment(),
        }

    async def _count(self, service: str, path: str, **query: str | list[str]) -> dict[str, int]:
        answer = await self.api.get(service, path, _AUDITOR, organisation=self.customer, **query)
        return {str(one["value"]): int(one["count"]) for one in answer["counts"]}

    async def _incidents(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        query: dict[str, Any] = {"organisation": self.customer, "limit": _MOST}
        while True:
            page = await self.api.get("incident", "/incidents", _AUDITOR, **query)
            found += page["items"]
            if page["next"] is None:
                return found
            query["after"] = page["next"]

    async def _median_to_resolve(self) -> str:
        return median_span(
            datetime.fromisoformat(one["resolved_at"]) - datetime.fromisoformat(one["opened_at"])
            for one in await self._incidents()
            if one["resolved_at"]
        )

    async def _attainment(self) -> Figures:
        ever = await self._report("/attainment", per="year", by="priority", target="resolution")
        return {str(line["value"]): line["attainment"] for line in ever["lines"]}

    async def _waited(self) -> str:
        report = await self._report("/time-held", holder="caller")
        return spoken(timedelta(seconds=sum(line["seconds"] for line in report["lines"])))

    async def _report(self, path: str, **query: str) -> Mapping[str, Any]:
        span = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        own = {"organisation": self.customer, **span, **query}
        return await self.api.get("sla-monitor", path, _AUDITOR, **own)


def figures(reckoned: Collection[Reckoned]) -> dict[str, Figures]:
    """The figures that the product must show."""
    clocks = [clock for one in reckoned for clock in one.cycles]
    breached = [clock for clock in clocks if clock.target.reached_at]
    noted = (one for one in reckoned if any(clock.target.reached_at for clock in one.cycles))
    resolved = (one.resolved_at - one.opened_at for one in reckoned if one.resolved_at)
    return {
        _BY_STATE: Counter(one.status for one in reckoned),
        _BY_PRIORITY: by_priority(reckoned),
        _GROUPS: busiest(Counter(str(one.group) for one in reckoned)),
        _TO_RESOLVE: {_ALL: median_span(resolved)},
        _WAITED: {_FOR_CALLER: spoken(sum((one.waited for one in reckoned), timedelta()))},
        _BY_PHASE: Counter(clock.phase for clock in clocks),
        _MISSED: by_priority(breached),
        _NOTED: by_priority(noted),
        _ATTAINMENT: attainment(clock for clock in clocks if clock.phase is Phase.FINAL),
        _WARNINGS: {_ALL: sum(clock.warning.reached_at is not None for clock in clocks)},
        _BREACHES: {_ALL: len(breached)},
        _REOPENINGS: {_ALL: sum(one.reopenings for one in reckoned)},
    }


def on_kafka(arrivals: Iterable[Arrival]) -> dict[str, Figures]:
    """The figures that the topics show."""
    kinds = Counter(one.type for one in arrivals)
    return {
        _WARNINGS: {_ALL: kinds[_WARNED]},
        _BREACHES: {_ALL: kinds[_BREACHED]},
        _REOPENINGS: {_ALL: kinds[_REOPENED]},
    }


def differing_instants(
    arrivals: Iterable[Arrival], reckoned: Mapping[str, Reckoned], numbers: Mapping[str, str]
) -> Iterator[str]:
    """Warnings and breaches on Kafka that are dated otherwise than reckoned, or missing."""
    told: dict[tuple[str, str], list[datetime]] = {}
    for one in arrivals:
        told.setdefault((numbers[one.ticket], one.type), []).append(one.at)
    for number, life in reckoned.items():
        warned = [one.warning.reached_at for one in life.cycles if one.warning.reached_at]
        missed = [one.target.reached_at for one in life.cycles if one.target.reached_at]
        for kind, must in ((_WARNED, warned), (_BREACHED, missed)):
            found = sorted(told.get((number, kind), []))
            if found != must:
                yield f"{number}: {kind} is dated {_times(found)} on Kafka, reckoned {_times(must)}"


def instants(arrivals: Iterable[Arrival]) -> int:
    """How many warnings and breaches arrived."""
    return sum(one.type in {_WARNED, _BREACHED} for one in arrivals)


def side_by_side(
    product: Mapping[str, Figures], reckoned: Mapping[str, Figures]
) -> Iterator[Comparison]:
    """Each figure with its counterpart; what is nowhere counts as none."""
    for subject, expected in reckoned.items():
        found = product[subject]
        for value in dict.fromkeys([*expected, *found]):
            one = Comparison(subject, value, found.get(value, 0), expected.get(value, 0))
            if one.product or one.reckoned:
                yield one


def by_priority(some: Iterable[Reckoned | Clock]) -> dict[str, int]:
    """How many of each priority, the most pressing first."""
    return dict(sorted(Counter(str(one.priority) for one in some).items()))


def attainment(final: Iterable[Clock]) -> Figures:
    """Which part of the targets was met, by priority; never rounded up."""
    clocks = list(final)
    met = by_priority(clock for clock in clocks if not clock.target.reached_at)
    return {
        priority: f"{met.get(priority, 0) * 10_000 // count / 10_000:.4f}"
        for priority, count in by_priority(clocks).items()
    }


def busiest(counts: Mapping[str, int]) -> Figures:
    """The groups with the most incidents, and what the rest of them have."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rest = sum(count for _, count in ranked[_BUSIEST:])
    return {**dict(ranked[:_BUSIEST]), "others": rest}


def median_span(spans: Iterable[timedelta]) -> str:
    """The median of some spans."""
    return spoken(timedelta(seconds=median(span.total_seconds() for span in spans)))


def spoken(span: timedelta) -> str:
    """A span in days, hours and minutes."""
    minutes = round(span / timedelta(minutes=1))
    hours, minutes = divmod(minutes, 60)
    return f"{hours // 24} d {hours % 24} h {minutes} min"


def _times(moments: Sequence[datetime]) -> str:
    return ", ".join(f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments) or "never"
