"""What must be true whatever failed, read from the stores and topics and not from counters.

- No acknowledged event is lost.
- A stream's events are in order, in the store and on its topic, and so are their times.
- Under the repeat rule (drop what has a position at or below the last one seen on its partition)
  every event arrives once, byte for byte as it was stored.
- What was overdue was breached, once; what was met or is not due yet was not. That is compared
  with a computation made apart, from the events of the incidents alone.
"""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deskstream_testing.faults import PATIENCE
from deskstream_testing.spine import PAUSES_ON, PROMISES, SERVICES, Acknowledged, Spine
from deskstream_testing.stack import Stack
from deskstream_testing.topics import Arrival

MOVES = frozenset(
    f"clock.{what}.v1" for what in ("started", "paused", "resumed", "stopped", "reopened")
)
STATUS = {
    "incident.logged.v1": "new",
    "incident.work_started.v1": "in_progress",
    "incident.put_on_hold.v1": "on_hold",
    "incident.resumed.v1": "in_progress",
    "incident.resolved.v2": "resolved",
    "incident.reopened.v1": "in_progress",
    "incident.closed.v1": "closed",
    "incident.cancelled.v1": "cancelled",
}
QUIET = timedelta(minutes=10)
"""Nothing is to become due so soon after what was looked at."""
Clock = tuple[str, str]
"""A ticket's stream and a target; nothing here comes to a second cycle."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the store has it."""

    position: int
    stream: str
    version: int
    type: str
    text: str
    occurred_at: datetime
    recorded_at: datetime

    @property
    def data(self) -> dict[str, Any]:
        """What it says."""
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass(slots=True)
class Course:
    """How one clock ran, by the incident's events.

    Attributes:
        left: of the promised time.
        since: when it began to run this time; None while it stands.
        overdue_at: when the promised time was used up before anybody stopped it.
        used_at_stops: the time used at each stop.
    """

    left: timedelta
    since: datetime | None
    used: timedelta = timedelta()
    overdue_at: datetime | None = None
    done: bool = False
    used_at_stops: list[timedelta] = field(default_factory=list)

    def stand(self, at: datetime) -> None:
        """It runs no longer."""
        if self.since is None:
            return
        if self.overdue_at is None and at - self.since > self.left:
            self.overdue_at = self.since + self.left
        self.used += at - self.since
        self.left -= at - self.since
        self.since = None

    def run(self, at: datetime) -> None:
        """It runs from here on."""
        if self.since is None and not self.done:
            self.since = at

    def stop(self, at: datetime) -> None:
        """What was promised is done."""
        if not self.done:
            self.stand(at)
            self.done = True
            self.used_at_stops.append(self.used)

    def due(self) -> datetime | None:
        """When its time is or was used up, if nothing happens any more."""
        if self.overdue_at is not None or self.since is None:
            return self.overdue_at
        return self.since + self.left


async def everything_holds(spine: Spine) -> None:
    """Wait until all that has happened has had its effects, and prove all of the above."""
    await no_message_is_parked(spine.stack)
    await _settled(spine)
    records = {service: await read_record(spine.stack, service) for service in SERVICES}
    keeps_what_was_acknowledged(records["incident"], spine.acknowledged)
    for service, entries in records.items():
        record_is_in_order(entries)
        arrivals = await spine.stack.topic(f"itsm.{service}.events.v1")
        arrives_once(entries, arrivals)
    await rows_agree(spine.stack, records["incident"])
    clocks_agree(courses(records["incident"], spine.service), records["sla-monitor"])
    breaches_agree(
        courses(records["incident"], spine.service),
        records["sla-monitor"],
        records["incident"],
        until=await certain_until(spine.stack),
    )
    await no_message_is_parked(spine.stack)


async def read_record(stack: Stack, service: str) -> list[Entry]:
    """All events of a service, by position."""
    async with stack.database(service) as database:
        rows = await database.fetch(
            "SELECT position, stream, version, type, data, occurred_at, recorded_at"
            " FROM events ORDER BY position"
        )
    return [Entry(*row) for row in rows]


def keeps_what_was_acknowledged(
    entries: Iterable[Entry], acknowledged: Iterable[Acknowledged]
) -> None:
    """Every version that a client was told of is in the record."""
    there = {(entry.stream, entry.version) for entry in entries}
    lost = [one for one in acknowledged if (one.stream, one.version) not in there]
    assert not lost, f"acknowledged and lost: {lost}"


def record_is_in_order(entries: Iterable[Entry]) -> None:
    """Versions have no gap, and the times of a stream never go back."""
    last: dict[str, Entry] = {}
    for entry in entries:
        before = last.get(entry.stream)
        expected = 1 if before is None else before.version + 1
        assert entry.version == expected, f"{entry} where version {expected} was to come"
        assert before is None or before.recorded_at <= entry.recorded_at, f"{before} then {entry}"
        last[entry.stream] = entry


def arrives_once(entries: Iterable[Entry], arrivals: Iterable[Arrival]) -> None:
    """Who drops what the repeat rule drops has each event once, and each stream in order."""
    seen: defaultdict[int, int] = defaultdict(int)
    versions: dict[str, int] = {}
    kept: dict[int, Arrival] = {}
    for arrival in arrivals:
        message = arrival.message
        if message.position <= seen[arrival.record.partition]:
            continue
        seen[arrival.record.partition] = message.position
        assert message.version == versions.get(message.stream, 0) + 1, f"out of order: {message.id}"
        versions[message.stream] = message.version
        kept[message.position] = arrival
    stored = {entry.position: entry for entry in entries}
    assert kept.keys() == stored.keys(), (
        f"never arrived: {sorted(stored.keys() - kept.keys())},"
        f" never stored: {sorted(kept.keys() - stored.keys())}"
    )
    for position, entry in stored.items():
        message = kept[position].message
        told = (message.stream, message.version, message.type, message.body.decode())
        assert told == (entry.stream, entry.version, entry.type, entry.text)


async def no_message_is_parked(stack: Stack) -> None:
    """A fault of a server or process is no reason to put an event aside."""
    for service in SERVICES:
        async with stack.database(service) as database:
            parked = await database.fetch("SELECT type, error FROM parked")
        assert not parked, parked


async def rows_agree(stack: Stack, entries: Iterable[Entry]) -> None:
    """The incidents that lists show are those of the record, each in the state it came to."""
    expected = {entry.stream: STATUS[entry.type] for entry in entries if entry.type in STATUS}
    async with stack.database("incident") as database:
        rows = await database.fetch("SELECT stream, status FROM incidents")
    assert {row["stream"]: row["status"] for row in rows} == expected


async def certain_until(stack: Stack) -> datetime:
    """The time up to which the incident service has said that all is told."""
    async with stack.database("incident") as database:
        found: datetime = await database.fetchval("SELECT t FROM relay")
        return found


def courses(entries: Iterable[Entry], service: str) -> dict[Clock, Course]:
    """The clocks of all incidents of this service, computed in the plainest way."""
    found: dict[Clock, Course] = {}
    for entry in entries:
        data = entry.data
        if entry.type == "incident.logged.v1":
            if data.get("service") == service:
                for target, seconds in PROMISES[data["priority"]].items():
                    found[entry.stream, target] = Course(
                        timedelta(seconds=seconds), entry.occurred_at
                    )
            continue
        first = found.get((entry.stream, "first_response"))
        resolution = found.get((entry.stream, "resolution"))
        if first is not None and resolution is not None:
            _turn(first, resolution, entry)
    return found


def _turn(first: Course, resolution: Course, entry: Entry) -> None:
    at = entry.occurred_at
    match entry.type:
        case "incident.comment_added.v2":
            if entry.data["speaker"] == "agent":
                first.stop(at)
        case "incident.put_on_hold.v1" if entry.data["reason"] in PAUSES_ON:
            resolution.stand(at)
        case "incident.put_on_hold.v1" | "incident.resumed.v1":
            resolution.run(at)
        case "incident.resolved.v2":
            first.stop(at)
            resolution.stop(at)
        case "incident.reopened.v1":
            resolution.done = False
            resolution.run(at)


def clocks_agree(expected: Mapping[Clock, Course], clock_entries: Iterable[Entry]) -> None:
    """Each move of a ticket moved its clocks once, and each stop found the time that was used."""
    moved: Counter[tuple[str, str, str, str]] = Counter()
    started: Counter[Clock] = Counter()
    used: defaultdict[Clock, list[float]] = defaultdict(list)
    for entry in clock_entries:
        data = entry.data
        if entry.type not in MOVES:
            continue
        moved[entry.type, data["ticket"], data["target"], data["cause"]] += 1
        clock = (data["ticket"], data["target"])
        if entry.type == "clock.started.v1":
            started[clock] += 1
        if entry.type == "clock.stopped.v1":
            used[clock].append(round(data["elapsed_seconds"], 6))
    twice = [move for move, times in moved.items() if times > 1]
    assert not twice, f"moved twice by one event: {twice}"
    ours = {clock: times for clock, times in started.items() if clock in expected}
    assert ours == dict.fromkeys(expected, 1)
    for clock, course in expected.items():
        plain = [round(at.total_seconds(), 6) for at in course.used_at_stops]
        assert used[clock] == plain, f"{clock}: used {used[clock]}, and plainly {plain}"


def breaches_agree(
    expected: Mapping[Clock, Course],
    clock_entries: Sequence[Entry],
    incident_entries: Iterable[Entry],
    *,
    until: datetime,
) -> None:
    """No false breach, none missed, each told once by its clock and once in its ticket."""
    no_false_breach(expected, clock_entries)
    declared = _declared(clock_entries)
    missed = overdue(expected, until) - declared.keys()
    assert not missed, f"missed breaches: {missed}"
    noted: Counter[Clock] = Counter(
        (entry.stream, entry.data["target"])
        for entry in incident_entries
        if entry.type == "incident.service_level_breached.v1"
    )
    assert noted == dict.fromkeys(declared, 1), "the tickets' histories tell other breaches"


def no_false_breach(expected: Mapping[Clock, Course], clock_entries: Iterable[Entry]) -> None:
    """What was declared is what the incidents' events say, at the moment they say, and once."""
    declared = _declared(clock_entries)
    twice = {clock for clock, times in declared.items() if len(times) > 1}
    assert not twice, f"declared twice: {twice}"
    for clock, (due,) in declared.items():
        course = expected.get(clock)
        assert course is not None, f"a breach of no known clock: {clock}"
        assert due == course.due(), f"false breach of {clock}: {due}, and plainly {course}"


def overdue(expected: Mapping[Clock, Course], until: datetime) -> set[Clock]:
    """The clocks whose time was used up by then."""
    return {clock for clock, course in expected.items() if (due := course.due()) and due <= until}


def _declared(clock_entries: Iterable[Entry]) -> dict[Clock, list[datetime]]:
    found: defaultdict[Clock, list[datetime]] = defaultdict(list)
    for entry in clock_entries:
        data = entry.data
        assert entry.type != "clock.breach_corrected.v1", f"a breach had to be taken back: {data}"
        if entry.type == "clock.breached.v1":
            due = datetime.fromisoformat(data["due_at"])
            seen = datetime.fromisoformat(data["detected_at"])
            assert due <= seen, f"seen before it was due: {data}"
            found[data["ticket"], data["target"]].append(due)
    return dict(found)


async def _settled(spine: Spine) -> None:
    deadline = time.monotonic() + PATIENCE
    while awaited := await _unsettled(spine):
        assert time.monotonic() < deadline, f"still awaited: {awaited}"
        await asyncio.sleep(0.2)


async def _unsettled(spine: Spine) -> list[str]:
    """What is still on its way. What would be false for ever fails at once."""
    stack = spine.stack
    until = await certain_until(stack)
    clock_entries = await read_record(stack, "sla-monitor")
    incident_entries = await read_record(stack, "incident")
    expected = courses(incident_entries, spine.service)
    no_false_breach(expected, clock_entries)
    declared = _declared(clock_entries)
    clocked = Counter(entry.type for entry in clock_entries)
    told = Counter(entry.type for entry in incident_entries)
    awaited = {
        "a breach": overdue(expected, until + QUIET) - declared.keys(),
        "the ticket's note of a breach": len(declared) - told["incident.service_level_breached.v1"],
        "the stop of a clock": sum(len(course.used_at_stops) for course in expected.values())
        - clocked["clock.stopped.v1"],
        "the start of a clock": len(expected) - clocked["clock.started.v1"],
        **{f"Kafka, of {name}'s events": await _unpublished(stack, name) for name in SERVICES},
    }
    return [f"{what}: {missing}" for what, missing in awaited.items() if missing]


async def _unpublished(stack: Stack, service: str) -> int:
    async with stack.database(service) as database:
        found: int = await database.fetchval(
            "SELECT count(*) FROM events, relay WHERE position > published"
        )
        return found
