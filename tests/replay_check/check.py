"""`make replay-check`: a log is replayed, and what the product makes of it is reckoned apart.

    python tests/replay_check/check.py [LOG.csv[.zip|.gz]]

Then the read models are made anew, and once more from topics that were deleted and filled again:
every row is as it was. Exit status 0 only if nothing differs but what is named. Interrupted, it
leaves nothing behind.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from dataclasses import fields
from functools import partial
from importlib.resources import files
from pathlib import Path

from anew import delete_topics, made_anew
from contradictions import contradictions
from dumps import dumped
from log import moment, read_log
from product import became
from promise import Agreement
from reckoning import Reckoned, reckon
from refusals import read_refusals, refused_of, without
from running import PLAIN, databases, platform, promise, replay, until_settled

from deskstream_platform.api import Api
from deskstream_platform.interrupt import until_interrupted

EXCERPT = files("deskstream_platform") / "data" / "incident_log_excerpt.csv.gz"
NAMELESS = "without a name"


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def compare(must, found, excused):
    """The table of agreement; how many differences have no name."""
    named = Counter()
    say(f"\n{'':24}{'agree':>8}{'differ':>8}")
    for field in fields(Reckoned):
        differ = [
            (number, getattr(found.get(number), field.name, None), getattr(one, field.name))
            for number, one in must.items()
            if getattr(found.get(number), field.name, None) != getattr(one, field.name)
        ]
        say(f"{field.name:24}{len(must) - len(differ):>8,}{len(differ):>8,}")
        for number, own, wanted in differ:
            name = excused.get(number, NAMELESS)
            named[name] += 1
            say(f"  {number}: product {own}, reckoned {wanted} ({name})")
    for name, count in named.items():
        say(f"{count:>8,}  {name}")
    return named[NAMELESS]


def excuses(log, found, refusals, reckoned):
    """Of the incidents of which something was refused, those that are exactly as they are then."""
    for number, rows in log.items():
        if refused := refused_of(rows, refusals):
            left = without(rows, refusals)
            if found.get(number) == (reckoned(left) if left else None):
                yield number, f"exactly as reckoned without what was refused: {', '.join(refused)}"


async def check(path, folder):
    log = read_log(path)
    ends = max(moment(row["sys_updated_at"]) for rows in log.values() for row in rows)
    reckoned = partial(reckon, agreement=Agreement(PLAIN), until=ends)
    must = {number: reckoned(rows) for number, rows in log.items()}
    async with platform(folder) as running, databases(running) as found:
        await promise(folder, running)
        await replay(path, folder)
        since = time.monotonic()
        await until_settled(running, found)
        say(f"Clocks had followed after {time.monotonic() - since:.0f} s more.")
        async with Api(folder, running) as api:
            product = await became(found["incident"], found["sla-monitor"], api, ends)
        refusals = read_refusals(folder / "refused.csv")
        faults = compare(must, product, dict(excuses(log, product, refusals, reckoned)))
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
    outcome = []

    async def give():
        outcome.append(await check(path, Path(folder)))

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(until_interrupted(give()))
    if not outcome:
        raise SystemExit("Interrupted.")
    (faults,) = outcome
    say("All agrees, or is named." if not faults else f"{faults} differences have no name.")
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
