"""`make replay-check`: a log is replayed, and what the product makes of it is reckoned apart.

    python tests/replay_check/check.py [LOG.csv[.zip|.gz]]

Then the read models are made anew, and once more from topics that were deleted and filled again:
every row is as it was. Exit status 0 only if nothing differs but what is named.
"""

import asyncio
import csv
import sys
import tempfile
import time
from collections import Counter
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

from anew import delete_topics, made_anew
from contradictions import contradictions
from dumps import dumped
from log import moment, read_log
from product import became
from promise import Agreement
from reckoning import Reckoned, reckon
from running import PLAIN, databases, platform, promise, replay, until_settled

EXCERPT = files("deskstream_platform") / "data" / "incident_log_excerpt.csv.gz"
LEFT_OPEN = "its clock still runs, so there is no figure yet"
REFUSED = "the process refused rows of it, which the report lists"


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def compare(must, found, refused):
    """The table of agreement; how many differences have no name."""
    named, nameless = Counter(), 0
    say(f"\n{'':24}{'agree':>8}{'differ':>8}")
    for field in fields(Reckoned):
        differing_ones = []
        for number, one in must.items():
            own = getattr(found.get(number), field.name, None)
            if own != getattr(one, field.name):
                differing_ones.append((number, own, getattr(one, field.name)))
        say(f"{field.name:24}{len(must) - len(differing_ones):>8,}{len(differing_ones):>8,}")
        for number, own, wanted in differing_ones:
            name = _name(found.get(number), field.name, own, number in refused)
            named[name or "without a name"] += 1
            nameless += name is None
            say(f"  {number}: product {own}, reckoned {wanted}" + (f" ({name})" if name else ""))
    for name, count in named.items():
        say(f"{count:>8,}  {name}")
    return nameless


def _name(product, field, own, was_refused):
    if product is None:
        return None
    if field == "used" and own is None and product.state not in {"Resolved", "Closed"}:
        return LEFT_OPEN
    return REFUSED if was_refused and field in {"group_changes", "breached", "used"} else None


def refused_numbers(report):
    with report.open(newline="") as file:
        return {row["reason"].partition(",")[0] for row in csv.DictReader(file)}


async def check(path, folder):
    log = read_log(path)
    ends = max(moment(row["sys_updated_at"]) for rows in log.values() for row in rows)
    must = {number: reckon(rows, Agreement(PLAIN), ends) for number, rows in log.items()}
    async with platform(folder) as running, databases(running) as found:
        await promise(folder, running)
        await replay(path, folder)
        since = time.monotonic()
        await until_settled(running, found)
        say(f"Clocks had followed after {time.monotonic() - since:.0f} s more.")
        product = await became(found["incident"], found["sla-monitor"], ends)
        faults = compare(must, product, refused_numbers(folder / "refused.csv"))
        say("\nWhere the log contradicts itself:")
        for name, count in contradictions(log).items():
            say(f"{count:>8,}  {name}")
        before = await dumped(found)
        changed = await made_anew(folder, running, found, before)
        faults += tell_rows("Read models made anew", before, changed)
    await delete_topics(folder)
    async with platform(folder) as running, databases(running) as found:
        await until_settled(running, found)
        changed = await made_anew(folder, running, found, before)
        faults += tell_rows("and from topics filled again", before, changed)
    return faults


def tell_rows(what, before, changed):
    """A line of the table for the rows of a dump; how many are not the same."""
    rows, differ = sum(map(len, before.values())), sum(map(len, changed.values()))
    say(f"{what:30}{rows - differ:>10,}{differ:>8,}")
    for table, found in changed.items():
        say(f"  {table}: {len(found)} rows, such as {found[:2]}")
    return differ


def main():
    path = Path(sys.argv[1] if len(sys.argv) > 1 else str(EXCERPT))
    with tempfile.TemporaryDirectory() as folder:
        faults = asyncio.run(check(path, Path(folder)))
    say("All agrees, or is named." if not faults else f"{faults} differences have no name.")
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
