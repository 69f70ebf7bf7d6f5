import json
import sys
import time
from pathlib import Path

import asyncpg
import httpx
import pytest
import structlog
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deskstream.database import connect_pool, migrate
from deskstream.http import limits
from deskstream.http.tokens import TokenVerifier
from deskstream.relay import Horizon
from deskstream.store import settled_position
from deskstream_platform.postgres import PostgresServer

sys.path.insert(0, str(Path(__file__).parent))  # ticketing and tickets are imported by name

from ticketing import application
from tickets import TABLE

ISSUER, AUDIENCE = "https://issuer.test", "tickets"


@pytest.fixture(scope="session")
async def dsn(tmp_path_factory):
    server = PostgresServer(tmp_path_factory.mktemp("postgres"), settings={"fsync": "off"})
    await server.start()
    dsn = await server.ensure_database("tickets")
    await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute(TABLE)
    await connection.close()
    yield dsn
    await server.stop()


@pytest.fixture
async def pool(dsn):
    pool = await connect_pool(dsn, size=10)
    await pool.execute(
        "TRUNCATE events, answers, tickets, restricted_reads RESTART IDENTITY;"
        "UPDATE relay SET safe_position = 0"
    )
    yield pool
    pool.terminate()


@pytest.fixture(scope="session")
def key():
    return ECKey.generate_key("P-256", {"kid": "one"})


@pytest.fixture(scope="session")
def jwks(key, tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "jwks.json"
    file.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    return str(file)


@pytest.fixture(scope="session")
def token(key):
    def issue(name="ann", role="agent", *, seconds=300, **claims):
        told = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": name,
            "role": role,
            "exp": int(time.time()) + seconds,
            **claims,
        }
        return jwt.encode({"alg": "ES256", "kid": "one"}, told, key)

    return issue


class Settled(Horizon):
    """Stands in for the relay: settles what is there, and tells whoever waits."""

    def __init__(self, pool):
        super().__init__()
        self.pool = pool

    async def settle(self):
        async with self.pool.acquire() as connection:
            position = await settled_position(connection)
            await connection.execute("UPDATE relay SET safe_position = $1", position)
        await self.move(position, None)


@pytest.fixture(autouse=True)
def logged():
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
def tail(pool):
    return Settled(pool)


@pytest.fixture
def missing():
    return []


@pytest.fixture
def kitchen(pool, jwks, tail, missing, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BODY", 10_000)
    return application(pool, TokenVerifier(ISSUER, AUDIENCE, jwks), tail, missing)


@pytest.fixture
async def client_of(kitchen, token):
    """A client for a person: `client_of("ann", "agent", groups=["network"])`."""
    transport = httpx.ASGITransport(kitchen.app, raise_app_exceptions=False)
    clients = []

    def make(*person, **claims):
        headers = {"Authorization": f"Bearer {token(*person, **claims)}"}
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def agent(client_of):
    return client_of("ann", "agent")
