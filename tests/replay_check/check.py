"""`make replay-check`: a log is replayed, and what the product makes of it is reckoned apart.

    python tests/replay_check/check.py [LOG.csv[.zip|.gz]]

Exit status 0 only if nothing differs but what is named.
"""

import asyncio
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import asyncpg
from contradictions import contradictions
from log import moment, read_log
from product import became
from promise import Agreement
from reckoning import Reckoned, reckon

from deskstream_platform.demo.api import Api
from deskstream_platform.demo.stage import OWNER, until_known_everywhere
from deskstream_platform.ports import free_port
from deskstream_platform.record import recorded_ports
from deskstream_platform.service import SERVICES
from deskstream_platform.settings import PlatformSettings
from deskstream_platform.supervisor import running_platform

EXCERPT = files("deskstream_platform") / "data" / "incident_log_excerpt.csv.gz"
PLAIN = json.loads(Path(__file__).with_name("agreement.json").read_text())
CUSTOMER = "Company of the ServiceNow log"
LONG_AGO = "2016-01-01T00:00:00Z"
REASONS = {"Awaiting User Info": "awaiting_caller", "Awaiting Vendor": "awaiting_supplier"}
PARTS = ("postgres", "kafka", *(service.name for service in SERVICES))
READERS = ("incident", "sla-monitor")
LEFT_OPEN = "its clock still runs, so there is no figure yet"
REFUSED = "the process refused rows of it, which the report lists"
PATIENCE = 1800.0


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@asynccontextmanager
async def platform(folder):
    ports = recorded_ports(folder)
    for part in PARTS:
        ports.setdefault(part, free_port(besides=ports.values()))
    settings = PlatformSettings(folder=folder, ports=ports)
    async with running_platform(settings, lambda _: None) as running:
        yield running


@asynccontextmanager
async def databases(running):
    found = {name: await asyncpg.connect(running.services[name].database) for name in READERS}
    try:
        yield found
    finally:
        for connection in found.values():
            await connection.close()


async def promise(folder, running):
    """The customer's agreement, in force before the log begins."""
    async with Api(folder, running) as api:
        organisation = {"name": CUSTOMER, "kind": "customer", "effective_from": LONG_AGO}
        customer = (await api.tell("catalog", "/organisations", OWNER, organisation))["id"]
        calendar = {
            "name": "Working hours of the check",
            "working_time": PLAIN["calendar"],
            "effective_from": LONG_AGO,
        }
        hours = (await api.tell("catalog", "/calendars", OWNER, calendar))["id"]
        targets = [
            {"ticket_type": "incident", "priority": int(one), "seconds": {"resolution": own}}
            for one, own in PLAIN["seconds"].items()
        ]
        agreement = {
            "name": "Agreement of the check",
            "kind": "sla",
            "customer": customer,
            "calendar": hours,
            "valid_from": LONG_AGO,
            "targets": targets,
            "pauses_on": [REASONS[state] for state in PLAIN["pauses_on"]],
        }
        agreed = (await api.tell("catalog", "/agreements", OWNER, agreement))["id"]
        await until_known_everywhere(api, f"agreement-{agreed}")


async def replay(path, folder):
    """The command itself, as a user runs it; how it ended."""
    command = [Path(sys.executable).with_name("deskstream"), "replay", str(path)]
    options = ["--mapping", "servicenow", "--folder", folder, "--report", folder / "refused.csv"]
    return await asyncio.to_thread(subprocess.run, [*command, *options], check=True)


async def until_settled(found):
    """Everything that incident told has reached the monitor, and its due timers have run."""
    incident, monitor = found["incident"], found["sla-monitor"]
    deadline = time.monotonic() + PATIENCE
    still = 0
    before = None
    while still < 3:
        if time.monotonic() > deadline:
            raise TimeoutError("The services have not come to rest.")
        await asyncio.sleep(1)
        now = [
            await incident.fetchval("SELECT safe_position - published FROM relay"),
            await incident.fetchval("SELECT max(position) FROM events"),
            await monitor.fetchval("SELECT max(position) FROM events"),
            await incident.fetchval("SELECT coalesce(max(recorded_at), now()) FROM sources"),
            await monitor.fetchval("SELECT max(recorded_at) FROM sources"),
            await monitor.fetch("SELECT * FROM progress ORDER BY 1, 2, 3"),
            await incident.fetch("SELECT * FROM progress ORDER BY 1, 2, 3"),
        ]
        resting = now == before and now[0] == 0 and now[3] == now[4]
        still, before = (still + 1 if resting else 0), now


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
        await until_settled(found)
        say(f"Clocks had followed after {time.monotonic() - since:.0f} s more.")
        product = await became(found["incident"], found["sla-monitor"], ends)
        faults = compare(must, product, refused_numbers(folder / "refused.csv"))
        say("\nWhere the log contradicts itself:")
        for name, count in contradictions(log).items():
            say(f"{count:>8,}  {name}")
    return faults


def main():
    path = Path(sys.argv[1] if len(sys.argv) > 1 else str(EXCERPT))
    with tempfile.TemporaryDirectory() as folder:
        faults = asyncio.run(check(path, Path(folder)))
    say("All agrees, or is named." if not faults else f"{faults} differences have no name.")
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
