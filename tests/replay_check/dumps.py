"""What a service keeps besides its events, as text that can be compared byte by byte."""

from collections import Counter

OF_THE_KERNEL = {
    *("events", "relay", "incarnation", "leases", "answers", "migrations", "restricted_reads"),
    *("progress", "parked", "orders"),
}
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
ROWS = 'SELECT one::text FROM "{}" one'
RECORD = "SELECT count(*), max(position) FROM events"


async def dumped(databases):
    """By service and table its rows in order; of the events only how many, for they stay."""
    return {
        f"{name}.{table}": rows
        for name, connection in databases.items()
        for table, rows in (await _tables(connection)).items()
    }


async def _tables(connection):
    names = {row[0] for row in await connection.fetch(TABLES)} - OF_THE_KERNEL
    found = {name: sorted(await _rows(connection, name)) for name in sorted(names)}
    return found | {"events": [str(await connection.fetchrow(RECORD))]}


async def _rows(connection, table):
    return [row[0] for row in await connection.fetch(ROWS.format(table))]


def differences(before, after):
    """By table, the rows that are in one of the two dumps only."""
    tables = before.keys() | after.keys()
    pairs = {one: (Counter(before.get(one, ())), Counter(after.get(one, ()))) for one in tables}
    found = {one: sorted(((a - b) + (b - a)).elements()) for one, (a, b) in pairs.items()}
    return {one: rows for one, rows in sorted(found.items()) if rows}
