import json
import sys
import time
import zoneinfo
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deskstream.database import connect_pool, migrate
from deskstream.http.limits import AroundRequests
from deskstream.http.problems import answer_with_problems
from deskstream.http.routes import assert_every_route_declares
from deskstream.http.tokens import TokenVerifier
from deskstream.service import Runtime
from deskstream.settings import Settings
from deskstream_platform.postgres import PostgresServer
from incident.main import SERVICE

sys.path.insert(0, str(Path(__file__).parent))  # a_history is imported by name
zoneinfo.reset_tzpath(())  # the rules that the project pins, not those of the host
ISSUER, AUDIENCE = "https://issuer.test", "incident"
KEY = ECKey.generate_key("P-256", {"kid": "one"})


@pytest.fixture(scope="session")
async def server(tmp_path_factory):
    server = PostgresServer(tmp_path_factory.mktemp("postgres"), settings={"fsync": "off"})
    await server.start()
    try:
        await migrate(await server.ensure_database("template"), [SERVICE.migrations])
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def dsn(server):
    admin = await asyncpg.connect(server.dsn())
    name = f"d{time.monotonic_ns()}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE template OWNER template")
    await admin.close()
    return server.dsn(name)


@pytest.fixture(scope="session")
def verifier(tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "jwks.json"
    keys.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    return TokenVerifier(ISSUER, AUDIENCE, str(keys))


@pytest.fixture
async def another_app(dsn, verifier):
    """Makes the service without its relay, as another process of it: here Kafka plays no part."""
    pools = []

    async def make():
        pool = await connect_pool(dsn, size=6)
        pools.append(pool)
        app = FastAPI(openapi_url=None)
        answer_with_problems(app)
        app.add_middleware(AroundRequests)
        app.include_router(SERVICE.routes)
        assert_every_route_declares(app)
        runtime = Runtime(SERVICE, Settings(database_url=dsn), pool)
        state = {"pool": pool, "verifier": verifier, **SERVICE.assemble(runtime)}
        state["work"] = runtime.work
        for name, value in state.items():
            setattr(app.state, name, value)
        return app

    yield make
    for pool in pools:
        pool.terminate()


@pytest.fixture
async def app(another_app):
    return await another_app()


def token(role, scope):
    claims = {"sub": f"an {role}", "role": role, "exp": int(time.time()) + 300, "scope": scope}
    return jwt.encode(
        {"alg": "ES256", "kid": "one"}, {"iss": ISSUER, "aud": AUDIENCE, **claims}, KEY
    )


@pytest.fixture
async def caller(app):
    """`caller("service", "import")` is a client that calls in this role, with these scopes."""
    clients = []

    def call_as(role, scope="", at=app):
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=at, raise_app_exceptions=False),
            base_url="http://incident.test",
            headers={"Authorization": f"Bearer {token(role, scope)}"},
        )
        clients.append(client)
        return client

    yield call_as
    for client in clients:
        await client.aclose()


@pytest.fixture
def importer(caller):
    return caller("service", "import")


@pytest.fixture
def pool(app):
    return app.state.pool
