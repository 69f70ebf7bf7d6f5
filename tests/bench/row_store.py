"""Events appended by the store, without HTTP, by one process on 32 connections."""

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import asyncpg
from measure import Row, duel
from servers import Servers
from uuid_utils import uuid7

from deskstream.database import SERVICE_SESSION, connect_pool, migrate
from deskstream.envelope import Origin
from deskstream.store import Appendix, EventStore
from deskstream_platform.postgres import binaries
from incident.events import CODEC, IncidentEvent
from incident.events.conversation import CommentAdded
from incident.terms import Speaker

WHAT = "events appended by the store, one process, 32 connections"
GOAL = 0.5
CONNECTIONS = 32
SECONDS = 3.0
FACT = CommentAdded(text="The paper is in, it still says jam.", speaker=Speaker.AGENT)
ORIGIN = Origin("ada", "agent", "0197a8f4-5c2e-7d10-9b7e-0d8a4f6f2b11")
# The very call that the store makes, with the same lengths, in a new stream each time.
STATEMENT = """
SELECT at_position, happened, stored FROM append_together(
    ARRAY['incident-' || gen_random_uuid()], ARRAY[0], ARRAY[1], ARRAY[:name::text],
    ARRAY[:data::text], ARRAY[:origin::text], ARRAY[NULL]::text[], ARRAY[NULL]::text[],
    ARRAY[NULL]::timestamptz[], '{}', '{}', '{}', '{}', '{}');
"""


async def rows(servers: Servers) -> Sequence[Row]:
    """Against pgbench; both commit each event by itself."""
    dsn = await servers.postgres.ensure_database("store")
    await migrate(dsn)
    script = servers.folder / "append.sql"
    script.write_text(STATEMENT)
    pool = await connect_pool(dsn, size=CONNECTIONS)
    try:
        found = await duel(partial(_append, pool), partial(_pgbench, dsn, script))
    finally:
        await pool.close()
    return [found.row(WHAT, "/s", "pgbench, the same statement", GOAL)]


async def _append(pool: "asyncpg.Pool[asyncpg.Record]") -> float:
    store: EventStore[IncidentEvent] = EventStore(CODEC)
    begin = time.perf_counter()
    end = begin + SECONDS
    counts = await asyncio.gather(*(_writer(pool, store, end) for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - begin)


async def _writer(
    pool: "asyncpg.Pool[asyncpg.Record]", store: EventStore[IncidentEvent], end: float
) -> int:
    appended = 0
    async with pool.acquire() as connection:
        while time.perf_counter() < end:
            await store.append(connection, [Appendix(f"incident-{uuid7()}", 0, [FACT], ORIGIN)])
            appended += 1
    return appended


async def _pgbench(dsn: str, script: Path) -> float:
    session = " ".join(f"-c {name}={value}" for name, value in SERVICE_SESSION.items())
    name, data = CODEC.encode(FACT)
    values = {"name": name, "data": data, "origin": json.dumps(ORIGIN.as_json())}
    process = await asyncio.create_subprocess_exec(
        *(binaries() / "pgbench", "--no-vacuum", "--protocol=prepared", "--file", script),
        *(f"--define={name}={value}" for name, value in values.items()),
        *("--client", str(CONNECTIONS), "--jobs", "1", "--time", str(round(SECONDS)), dsn),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PGOPTIONS": session},
    )
    said, complained = await process.communicate()
    rate = re.search(rb"tps = ([0-9.]+)", said)
    if process.returncode or rate is None:
        raise RuntimeError(f"pgbench failed: {complained.decode()}")
    return float(rate[1])
