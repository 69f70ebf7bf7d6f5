"""One database per service, made when it is not there."""

from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deskstream_platform.errors import PlatformError

# Two who make or change the same role or database at once trip over each other in the catalogue.
_TAKE_TURNS = "SELECT pg_advisory_lock(hashtext('deskstream: roles and databases'))"


async def ensure_owned_database(administrator: str, name: str, password: str) -> str:
    """Make a role and a database that it owns, unless there; the address for that role."""
    connection = await asyncpg.connect(administrator)
    try:
        await connection.execute(_TAKE_TURNS)
        verb = "ALTER" if await _has(connection, "pg_roles", "rolname", name) else "CREATE"
        await connection.execute(f"{verb} ROLE \"{name}\" LOGIN PASSWORD '{password}'")
        if not await _has(connection, "pg_database", "datname", name):
            await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
    finally:
        await connection.close()
    return _address(administrator, name, f"{quote(name)}:{quote(password)}")


async def ensure_shared_database(address: str, name: str) -> str:
    """Make a database on somebody else's PostgreSQL, unless there; its address."""
    try:
        connection = await asyncpg.connect(address)
    except (OSError, asyncpg.PostgresError) as error:
        raise PlatformError(f"The PostgreSQL of the settings cannot be used: {error}.") from error
    try:
        await connection.execute(_TAKE_TURNS)
        if not await _has(connection, "pg_database", "datname", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    except asyncpg.InsufficientPrivilegeError as error:
        raise PlatformError(
            f"The user of the PostgreSQL address in the settings may not make the database "
            f"{name}: make it, or use an address that may."
        ) from error
    finally:
        await connection.close()
    return _address(address, name)


def _address(address: str, database: str, login: str | None = None) -> str:
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    netloc = parts.netloc if login is None else f"{login}@{host}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{quote(database)}"))


async def _has(connection: asyncpg.Connection, table: str, column: str, name: str) -> bool:
    query = f"SELECT EXISTS (SELECT FROM {table} WHERE {column} = $1)"  # noqa: S608 - own names
    return bool(await connection.fetchval(query, name))
