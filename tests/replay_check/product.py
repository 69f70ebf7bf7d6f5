"""What the product says became of the incidents of a log, read from its own tables and events."""

import json
from collections import Counter
from datetime import UTC, datetime

from reckoning import Reckoned

from deskstream_platform.catalogue import OWNER

STATES = {"new": "New", "in_progress": "Active", "resolved": "Resolved", "closed": "Closed"}
WAITS = {
    "awaiting_caller": "Awaiting User Info",
    "awaiting_supplier": "Awaiting Vendor",
    "awaiting_problem": "Awaiting Problem",
    "other": "Awaiting Evidence",
}
ROWS = """
SELECT stream, external, status, hold_reason, opened_at
FROM incidents WHERE external IS NOT NULL
"""
EVENTS = """
SELECT stream, type, data, occurred_at, causation FROM events WHERE stream LIKE 'incident-%'
ORDER BY stream, version
"""
CLOCKS = """
SELECT ticket, cycle, breached_at IS NOT NULL AS breached, elapsed_seconds
FROM clocks WHERE target = 'resolution' ORDER BY ticket, cycle
"""


class Life:
    """What the events of an incident add up to."""

    def __init__(self):
        self.counts = Counter()
        self.held_since, self.held = None, 0
        self.group = self.resolved = None

    def take(self, kind, data, at, first):
        if self.held_since is not None and kind in ENDS_A_HOLD:
            self.held += at - self.held_since
            self.held_since = None
        if kind == "put_on_hold":
            self.held_since = at
        if kind == "assigned":
            # Who had it when it was first heard of was told with that, and nobody changed then.
            if not first and data.get("group") != self.group:
                self.counts["group_changes"] += 1
            self.group = data.get("group")
        if kind == "resolved":
            self.resolved = at
        if kind == "reopened":
            self.counts["reopenings"] += 1

    def on_hold(self, until):
        return self.held + (until - self.held_since if self.held_since is not None else 0)


ENDS_A_HOLD = {"put_on_hold", "resumed", "resolved", "closed", "cancelled"}


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


async def became(incident, monitor, api, until):
    """By number of the other tool."""
    lives = {}
    for row in await incident.fetch(EVENTS):
        kind = row["type"].split(".")[1]
        life = lives.setdefault(row["stream"], Life())
        at, first = seconds(row["occurred_at"]), (row["causation"] or "").endswith("#1")
        life.take(kind, json.loads(row["data"]), at, first)
    clocks = {}
    for row in await monitor.fetch(CLOCKS):
        clocks.setdefault(row["ticket"], []).append(row)
    found = {}
    for row in await incident.fetch(ROWS):
        life, cycles = lives[row["stream"]], clocks.get(row["stream"], [])
        opened, resolved = seconds(row["opened_at"]), life.resolved
        used = await _used(cycles[-1], api, until) if cycles else None
        found[row["external"]] = Reckoned(
            number=row["external"],
            state=STATES.get(row["status"]) or WAITS[row["hold_reason"]],
            opened=opened,
            to_resolve=None if resolved is None else resolved - opened,
            on_hold=life.on_hold(until),
            group_changes=life.counts["group_changes"],
            reopenings=life.counts["reopenings"],
            breached=any(cycle["breached"] for cycle in cycles),
            used=used,
        )
    return found


async def _used(cycle, api, until):
    """What a clock that still runs has used is not kept; its explanation tells it."""
    used = cycle["elapsed_seconds"]
    if used is None:
        at = datetime.fromtimestamp(until, UTC).isoformat()
        path = f"/clocks/{cycle['ticket'].partition('-')[2]}/explanation"
        told = (await api.get("sla-monitor", path, OWNER, at=at))["clocks"]
        own = [one for one in told if one["target"] == "resolution"]
        used = max(own, key=lambda one: one["cycle"])["elapsed_seconds"]
    return round(used)
