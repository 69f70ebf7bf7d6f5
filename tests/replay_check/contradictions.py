"""Where the log contradicts itself: what its columns say against what its rows show.

Each class is counted in incidents unless its name speaks of rows.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, repeat

from log import CLOSED, ENDED, ON_HOLD, RESOLVED, UNEXPLAINED, UNKNOWN, Cells, moment

Rows = Sequence[Cells]


def contradictions(log: Mapping[str, Rows]) -> dict[str, int]:
    """How often each class occurs."""
    found: Counter[str] = Counter()
    for rows in log.values():
        found.update(classes_of(rows))
    return dict(sorted(found.items()))


def classes_of(rows: Rows) -> Iterator[str]:
    """The classes to which an incident belongs, those of rows once for each of its rows."""
    explained = [row for row in rows if row["incident_state"] != UNEXPLAINED]
    yield from _unexplained(rows)
    yield from _beginning(explained)
    yield from _order(rows)
    yield from _counters(explained)
    yield from _ends(explained)
    yield from _states([row["incident_state"] for row in explained])


def _unexplained(rows: Rows) -> Iterator[str]:
    for row in rows:
        if row["incident_state"] == UNEXPLAINED:
            yield f"rows in the state {UNEXPLAINED}"


def _beginning(rows: Rows) -> Iterator[str]:
    first = rows[0]
    if first["incident_state"] != "New":
        yield "begins in another state than New"
    if first["incident_state"] in ENDED:
        yield "begins Resolved or Closed, so that the log does not say when it was resolved"
    earliest = min(moment(row["sys_updated_at"]) for row in rows)
    if moment(first["opened_at"]) > earliest:
        yield "opened_at is after its first row"
    created = first["sys_created_at"]
    if created != UNKNOWN and moment(created) > earliest:
        yield "sys_created_at is after its first row"


def _order(rows: Rows) -> Iterator[str]:
    minutes = Counter(row["sys_updated_at"] for row in rows)
    for count in minutes.values():
        if count > 1:
            yield from repeat("rows that share incident and minute with another", count)
    if any(moment(b["sys_updated_at"]) < moment(a["sys_updated_at"]) for a, b in pairwise(rows)):
        yield "its rows run backwards in time"
    updates = [int(row["sys_mod_count"]) for row in rows]
    if any(after <= before for before, after in pairwise(updates)):
        yield "sys_mod_count does not grow with its rows"
    if any(after > before + 1 for before, after in pairwise(updates)):
        yield "sys_mod_count counts updates of which there is no row"


def _counters(rows: Rows) -> Iterator[str]:
    last = rows[-1]
    groups = [row["assignment_group"] for row in rows]
    if int(last["reassignment_count"]) != sum(a != b for a, b in pairwise(groups)):
        yield "reassignment_count is not the changes of group in its rows"
    states = [row["incident_state"] for row in rows]
    if int(last["reopen_count"]) != sum(a in ENDED and b not in ENDED for a, b in pairwise(states)):
        yield "reopen_count is not the reopenings in its rows"
    if any(a["made_sla"] == "false" and b["made_sla"] == "true" for a, b in pairwise(rows)):
        yield "made_sla becomes true again after it was false"
    if any((row["active"] == "false") != (row["incident_state"] == CLOSED) for row in rows):
        yield "active is not the opposite of Closed in a row"


def _ends(rows: Rows) -> Iterator[str]:
    for column, arrives in (("resolved_at", ENDED), ("closed_at", (CLOSED,))):
        said, shown = rows[-1][column], _last_arrival(rows, arrives)
        if said == UNKNOWN:
            yield f"{column} is unknown"
        elif shown is None:
            yield f"{column} is set, though no row shows it"
        elif moment(said) != shown:
            yield f"{column} is not when its rows show it"


def _last_arrival(rows: Rows, states: Sequence[str]) -> int | None:
    arrivals = [
        moment(row["sys_updated_at"])
        for before, row in pairwise([None, *rows])
        if row is not None
        and row["incident_state"] in states
        and (before is None or before["incident_state"] not in states)
    ]
    return arrivals[-1] if arrivals else None


def _states(states: Sequence[str]) -> Iterator[str]:
    moves = [(before, after) for before, after in pairwise(states) if before != after]
    if any(before not in ENDED and after == CLOSED for before, after in moves):
        yield "Closed without having been Resolved"
    if any(before == CLOSED for before, _ in moves):
        yield "goes on after it was Closed"
    if any(before == RESOLVED and after.startswith(ON_HOLD) for before, after in moves):
        yield "goes from Resolved to a hold without being taken up again"
    if any(after == "New" for _, after in moves):
        yield "becomes New again"
    if states[-1] != CLOSED:
        yield "is not Closed when the log ends"
