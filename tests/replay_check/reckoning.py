"""What must have become of the incidents of the ServiceNow log, straight from its rows.

    python tests/replay_check/reckoning.py LOG.csv[.zip|.gz] [AGREEMENT.json]

Nothing of this is shared with the product: the standard library, and rules as plain as can be.

- Rows of an incident are taken in the order of time, those of one minute as the file lists them.
  Rows in the state -100, which no other row explains, are left out.
- An incident opens at `opened_at`, or with its first row if that is earlier.
- It is resolved when it becomes Resolved, or Closed without having been Resolved. Of one that is
  so in its first row the log does not say when that was; the first row's time stands for it.
- On hold is every state that begins with Awaiting. An unknown group counts as a group.
- It reopens when it leaves Resolved or Closed for another state than these. A promise goes on
  after Resolved, and begins anew after Closed.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contradictions import contradictions
from log import CLOSED, ENDED, ON_HOLD, RESOLVED, Cells, in_time_order, moment, read_log
from promise import PAUSED, RUNNING, STOPPED, Agreement, Clock


@dataclass(frozen=True)
class Reckoned:
    """What must have become of an incident. Durations are whole seconds.

    Args:
        state: the last, in the words of the log.
        to_resolve: from opening to the last resolution, if there is one.
        breached: whether the last promise was missed, or an earlier one before a closing.
        used: working time against the last promise.
    """

    number: str
    state: str
    opened: int
    to_resolve: int | None
    on_hold: int
    group_changes: int
    reopenings: int
    breached: bool
    used: int


def reckon(rows: Sequence[Cells], agreement: Agreement, until: int) -> Reckoned:
    """What became of one incident until the log ends."""
    rows = in_time_order(rows)
    first = moment(rows[0]["sys_updated_at"])
    opened = min(moment(rows[0]["opened_at"]), first)
    resolved, on_hold, group_changes, reopenings = None, 0, 0, 0
    before: Cells | None = None
    for row in rows:
        at, state = moment(row["sys_updated_at"]), row["incident_state"]
        was = before["incident_state"] if before else ""
        if state in ENDED and was not in ENDED:
            resolved = at
        if before is not None:
            on_hold += _held(before, at)
            group_changes += row["assignment_group"] != before["assignment_group"]
            reopenings += was in ENDED and state not in ENDED
        before = row
    clocks = _clocks(rows, agreement, opened, until)
    return Reckoned(
        number=rows[0]["number"],
        state=rows[-1]["incident_state"],
        opened=opened,
        to_resolve=None if resolved is None else resolved - opened,
        on_hold=on_hold + _held(rows[-1], until),
        group_changes=group_changes,
        reopenings=reopenings,
        breached=any(clock.breached for clock in clocks),
        used=clocks[-1].used,
    )


def _held(row: Cells, until: int) -> int:
    on_hold = row["incident_state"].startswith(ON_HOLD)
    return until - moment(row["sys_updated_at"]) if on_hold else 0


def _clocks(rows: Sequence[Cells], agreement: Agreement, opened: int, until: int) -> list[Clock]:
    clocks = [Clock(agreement, _priority(rows[0]), opened)]
    was = ""
    for row in rows:
        at, state = moment(row["sys_updated_at"]), row["incident_state"]
        if was == CLOSED and state not in ENDED:
            clocks.append(Clock(agreement, _priority(row), at))
        if was == RESOLVED and state not in ENDED:
            clocks[-1].turn(RUNNING, at)
        clocks[-1].retarget(_priority(row), at)
        clocks[-1].turn(_phase(state, agreement), at)
        was = state
    clocks[-1].pass_until(until)
    return clocks


def _phase(state: str, agreement: Agreement) -> str:
    if state in ENDED:
        return STOPPED
    return PAUSED if state in agreement.pauses_on else RUNNING


def _priority(row: Cells) -> int:
    return int(row["priority"].split()[0])


def main() -> None:
    """Print what was reckoned, and where the log contradicts itself."""
    own = Path(__file__).with_name("agreement.json")
    agreement = Agreement(json.loads(Path(sys.argv[2] if len(sys.argv) > 2 else own).read_text()))
    log = read_log(Path(sys.argv[1]))
    ends = max(moment(row["sys_updated_at"]) for rows in log.values() for row in rows)
    found = [reckon(rows, agreement, ends) for rows in log.values()]
    resolved = [one.to_resolve for one in found if one.to_resolve is not None]
    lines = {
        "incidents": len(found),
        "closed": sum(one.state == CLOSED for one in found),
        "resolved": len(resolved),
        "seconds to resolve": sum(resolved),
        "seconds on hold": sum(one.on_hold for one in found),
        "changes of group": sum(one.group_changes for one in found),
        "reopenings": sum(one.reopenings for one in found),
        "promises missed": sum(one.breached for one in found),
        "working seconds used": sum(one.used for one in found),
    }
    for name, count in (lines | contradictions(log)).items():
        sys.stdout.write(f"{count:>15,}  {name}\n")


if __name__ == "__main__":
    main()
