import json
import time
import zoneinfo

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from catalog.main import SERVICE
from deskstream.database import connect_pool, migrate
from deskstream.http.limits import AroundRequests
from deskstream.http.problems import answer_with_problems
from deskstream.http.routes import assert_every_route_declares
from deskstream.http.tokens import TokenVerifier
from deskstream.service import Runtime
from deskstream.settings import Settings
from deskstream_platform.postgres import PostgresServer

zoneinfo.reset_tzpath(())  # the rules that the project pins, not those of the host
ISSUER, AUDIENCE = "https://issuer.test", "catalog"
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
async def app(dsn, verifier):
    """The service without its relay: nothing here is about Kafka."""
    pool = await connect_pool(dsn, size=6)
    app = FastAPI(openapi_url=None)
    answer_with_problems(app)
    app.add_middleware(AroundRequests)
    app.include_router(SERVICE.routes)
    assert_every_route_declares(app)
    runtime = Runtime(SERVICE, Settings(), pool)
    state = {"pool": pool, "verifier": verifier, **SERVICE.assemble(runtime)}
    for name, value in state.items():
        setattr(app.state, name, value)
    yield app
    pool.terminate()


def token(role):
    claims = {"sub": f"an {role}", "role": role, "exp": int(time.time()) + 300}
    return jwt.encode(
        {"alg": "ES256", "kid": "one"}, {"iss": ISSUER, "aud": AUDIENCE, **claims}, KEY
    )


@pytest.fixture
async def caller(app):
    """`caller("owner")` is a client that calls in this role."""
    clients = []

    def call_as(role):
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://catalog.test",
            headers={"Authorization": f"Bearer {token(role)}"},
        )
        clients.append(client)
        return client

    yield call_as
    for client in clients:
        await client.aclose()


@pytest.fixture
def owner(caller):
    return caller("owner")
