"""What must be true whatever failed, read from the stores and topics and not from counters.

- No acknowledged event is lost.
- A stream's events are in order, in the store and on its topic, and so are their times.
- Under the repeat rule (drop what has a position at or below the last one seen on its partition)
  every event arrives once, byte for byte as it was stored.
- What was overdue was breached, once; what was met or is not due yet was not, unless that was told
  only afterwards: then the breach was taken back. That is compared with a computation made apart,
  from the events of the incidents alone.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from deskstream_testing.breaches import (
    no_false_breach,
    noted_breaches,
    overdue,
    standing,
    to_be_taken_back,
    told_breaches,
)
from deskstream_testing.courses import Clock, Course, courses
from deskstream_testing.faults import PATIENCE
from deskstream_testing.record import Entry, certain_until, read_record
from deskstream_testing.spine import SERVICES, Acknowledged, Spine
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
    clock_entries: Iterable[Entry],
    incident_entries: Sequence[Entry],
    *,
    until: datetime,
) -> None:
    """No false breach, none missed, each told once by its clock and once in its ticket."""
    breaches = told_breaches(clock_entries)
    no_false_breach(expected, breaches, incident_entries)
    refuted = to_be_taken_back(expected, breaches)
    assert not refuted, f"never taken back: {refuted}"
    missed = overdue(expected, until) - standing(breaches)
    assert not missed, f"missed breaches: {missed}"
    noted = noted_breaches(incident_entries)
    assert noted == standing(breaches), "the tickets' histories tell other breaches"


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
    breaches = told_breaches(clock_entries)
    no_false_breach(expected, breaches, incident_entries)
    clocked = Counter(entry.type for entry in clock_entries)
    awaited = {
        "a breach": overdue(expected, until + QUIET) - standing(breaches),
        "the correction of a breach": to_be_taken_back(expected, breaches),
        "the ticket's note of a breach": standing(breaches) ^ noted_breaches(incident_entries),
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
