"""What is read was made of events: it can be made again, and an older release's is taken over."""

import shutil
import time

import asyncpg

from catalog import starter
from catalog.main import SERVICE
from deskstream.database import migrate
from deskstream.operating.rebuild import rebuild

BOOKING = {"name": "Booking", "criticality": "high"}
MONDAYS = {
    "name": "Mondays",
    "working_time": {"timezone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}},
}


async def test_read_models_are_made_again_as_they_were(owner, database):
    await owner.post("/starter-set")
    path = f"/calendars/{starter.OFFICE_HOURS_BERLIN}/versions"
    await owner.post(path, json=MONDAYS)
    await owner.post(
        f"/agreements/{starter.DEMO_AGREEMENT}/termination", json={"reason": "The demo is over."}
    )
    connection = await asyncpg.connect(database)
    for aggregate in SERVICE.aggregates:
        for projection in aggregate.projections:
            before = [await rows_of(connection, table) for table in projection.tables]
            await rebuild(database, SERVICE.aggregates, projection.name)
            after = [await rows_of(connection, table) for table in projection.tables]
            assert all(before)
            assert after == before
    for mentions in await connection.fetch("SELECT mentions FROM definitions"):
        assert mentions[0] == sorted(mentions[0])  # whatever the order in this process's sets
    await connection.close()


async def rows_of(connection, table):
    every_row = f"SELECT * FROM {table} ORDER BY 1, 2"  # noqa: S608  one of the service's tables
    return [tuple(row) for row in await connection.fetch(every_row)]


OLD_TABLES = {
    "organisation": "organisations",
    "service": "services",
    "calendar": "calendars",
    "priority_matrix": "priority_matrices",
    "agreement": "agreements",
}
LATEST = """
SELECT stream, kind, name, version, effective_from, definition::text, above, ends_at,
    ARRAY(SELECT unnest(mentions) ORDER BY 1)
FROM definitions WHERE kind = ANY($1) ORDER BY stream
"""
FIRST_RELEASE = "0001_versions.sql"


async def test_what_an_older_release_kept_is_taken_over(owner, database, postgres, tmp_path):
    await owner.post("/starter-set")
    parent = (await owner.post("/services", json=BOOKING)).json()["id"]
    await owner.post("/services", json={**BOOKING, "parent": parent})
    today = await asyncpg.connect(database)
    told = await today.fetch("SELECT * FROM definitions WHERE kind = ANY($1)", list(OLD_TABLES))
    before = await today.fetch(LATEST, list(OLD_TABLES))
    await today.close()

    shutil.copy(SERVICE.migrations / FIRST_RELEASE, tmp_path)
    older = await postgres.ensure_database(f"older{time.monotonic_ns()}")
    await migrate(older, [tmp_path])
    connection = await asyncpg.connect(older)
    for row in told:
        await keep_as_of_old(connection, row)
    await migrate(older, [SERVICE.migrations])
    assert before
    assert await connection.fetch(LATEST, list(OLD_TABLES)) == before
    await connection.close()


async def keep_as_of_old(connection, row):
    columns = ["stream", "version", "effective_from", "name", "definition"]
    columns += ["ends_at"] if row["kind"] == "agreement" else []
    places = ", ".join(f"${nth}" for nth, _ in enumerate(columns, start=1))
    await connection.execute(
        f"INSERT INTO {OLD_TABLES[row['kind']]} ({', '.join(columns)}) VALUES ({places})",  # noqa: S608  one of five
        *(row[column] for column in columns),
    )
