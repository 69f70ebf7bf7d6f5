"""A platform of the check's own: told of a promise and of the log, and waited for."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.topics import events_topic
from deskstream_platform.api import Api
from deskstream_platform.catalogue import OWNER, until_known_everywhere
from deskstream_platform.ports import free_port
from deskstream_platform.record import recorded_ports
from deskstream_platform.service import SERVICES
from deskstream_platform.settings import PlatformSettings
from deskstream_platform.supervisor import running_platform

PLAIN = json.loads(Path(__file__).with_name("agreement.json").read_text())
CUSTOMER = "Company of the ServiceNow log"
LONG_AGO = "2016-01-01T00:00:00Z"
REASONS = {"Awaiting User Info": "awaiting_caller", "Awaiting Vendor": "awaiting_supplier"}
NAMES = tuple(service.name for service in SERVICES)
PARTS = ("postgres", "kafka", *NAMES)
PATIENCE = 1800.0


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
    found = {name: await asyncpg.connect(running.services[name].database) for name in NAMES}
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
    """The log is told."""
    told = ["--mapping", "servicenow", "--report", folder / "refused.csv"]
    await deskstream(folder, "replay", path, *told)


async def deskstream(folder, *words):
    """The command itself, as a user runs it; it ends with us."""
    command = [Path(sys.executable).with_name("deskstream"), *words, "--folder", folder]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if status:
        raise subprocess.CalledProcessError(status, command)


async def until_settled(running, found):
    """Everything that was told has reached everybody, and the timers that are due have run."""
    deadline = time.monotonic() + PATIENCE
    still, before = 0, None
    while still < 3:
        if time.monotonic() > deadline:
            raise TimeoutError("The services have not come to rest.")
        await asyncio.sleep(1)
        standing = {name: await _standing(connection) for name, connection in found.items()}
        rests = standing == before and await _all_is_read(running, standing)
        still, before = (still + 1 if rests else 0), standing


async def _standing(connection):
    return {
        "events": await connection.fetchval("SELECT count(*) FROM events"),
        "timers": await connection.fetchval("SELECT count(*) FROM timers"),
        "progress": await connection.fetch(
            "SELECT topic, partition, min(next_offset) FROM progress GROUP BY 1, 2 ORDER BY 1, 2"
        ),
    }


async def _all_is_read(running, standing):
    read = {}
    for one in standing.values():
        for topic, partition, offset in one["progress"]:
            key = TopicPartition(topic, partition)
            read[key] = min(offset, read.get(key, offset))
    ends = await ends_of(running, read)
    told = {events_topic(name): one["events"] for name, one in standing.items()}
    for one, end in ends.items():
        told[one.topic] -= end
    return all(read[one] >= end for one, end in ends.items()) and not any(told.values())


async def ends_of(running, partitions):
    """Where these partitions end."""
    async with AIOKafkaConsumer(bootstrap_servers=running.kafka) as kafka:
        return await kafka.end_offsets(list(partitions))
