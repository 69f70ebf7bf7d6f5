"""Connections to a service's own PostgreSQL database, and its migrations."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

# A stopped process inside a transaction would hold back the feed's barrier, the watermark and
# whoever takes over, so the server ends such a transaction.
SERVICE_SESSION = {
    "idle_in_transaction_session_timeout": "2s",
    "transaction_timeout": "5s",
    "lock_timeout": "2s",
    "jit": "off",
    "timezone": "UTC",
}
MIGRATION_LOCK = 7_305_010
KERNEL_MIGRATIONS = files("deskstream") / "migrations"

# The server went away, or asked to try again: waiting helps, and nothing is wrong with the data.
TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asked while the last words of the connection are still read
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    OSError,
    TimeoutError,
)


async def connect_pool(
    dsn: str,
    *,
    size: int = 16,
    look_at: Callable[[Connection], Coroutine[Any, Any, None]] | None = None,
) -> Pool:
    """A pool whose connections end transactions that hang. `look_at` sees each before its use."""
    return await asyncpg.create_pool(
        dsn,
        min_size=min(4, size),
        max_size=size,
        server_settings=SERVICE_SESSION,
        command_timeout=10,
        init=look_at,
        reset=_keep_as_it_is,
    )


async def _keep_as_it_is(_: Connection) -> None:
    """Nothing here changes a session, so resetting it would be a round trip for nothing."""


@asynccontextmanager
async def connected(dsn: str, **settings: str) -> AsyncIterator[Connection]:
    """A connection of one's own, outside the pool, for as long as the block lasts."""
    connection = await asyncpg.connect(dsn, command_timeout=10, server_settings=settings)
    try:
        yield connection
    finally:
        connection.terminate()


async def migrate(dsn: str, folders: Sequence[Traversable] = ()) -> list[str]:
    """Apply what is missing of the kernel's migrations, then of these folders'; return the names.

    Raises:
        MigrationChanged: a migration that was applied reads otherwise now.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await take_turns(connection, MIGRATION_LOCK)
        return await _apply_missing(connection, [KERNEL_MIGRATIONS, *folders])
    finally:
        await connection.close()


async def take_turns(connection: Connection, lock: int) -> None:
    """Wait for a lock that ends with the connection.

    It is polled for, because a session that waits inside a statement would deadlock with CREATE
    INDEX CONCURRENTLY.
    """
    while not await connection.fetchval(  # noqa: ASYNC110  the lock is another process's
        "SELECT pg_try_advisory_lock($1)", lock
    ):
        await asyncio.sleep(0.05)


class MigrationChanged(Exception):
    """An applied migration was edited; write a new one instead."""


async def _apply_missing(connection: Connection, folders: Sequence[Traversable]) -> list[str]:
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, digest text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    rows = await connection.fetch("SELECT name, digest FROM migrations")
    applied = {row["name"]: row["digest"] for row in rows}
    new: list[str] = []
    for folder in folders:
        for script in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if not script.name.endswith(".sql"):
                continue
            name = f"{'kernel' if folder == KERNEL_MIGRATIONS else 'service'}/{script.name}"
            text = script.read_text(encoding="utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()
            if name not in applied:
                async with connection.transaction():
                    await connection.execute(text)
                    await connection.execute(
                        "INSERT INTO migrations (name, digest) VALUES ($1, $2)", name, digest
                    )
                new.append(name)
            elif applied[name] != digest:
                message = f"migration {name} was changed after it was applied"
                raise MigrationChanged(message)
    return new
