import asyncio
import base64
import hmac
import json
import time

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import iter_route_contexts
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from deskstream.decider import Role
from deskstream.http.permissions import OPEN, Needs
from deskstream.http.routes import Route, UndeclaredRoute, assert_every_route_declares
from deskstream.http.tokens import (
    KeysUnavailable,
    TokenVerifier,
    Unauthenticated,
)

ISSUER, AUDIENCE = "https://issuer.test", "tickets"
OPEN_ROUTES = {"/health/live", "/health/ready", "/openapi.json", "/docs"}


@pytest.fixture
async def nobody(kitchen):
    transport = httpx.ASGITransport(kitchen.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        yield client


def walk(app):
    for route in iter_route_contexts(app.routes):
        for method in route.methods:
            yield method, route.path.replace("{id}", "00000000-0000-0000-0000-000000000000"), route


async def test_every_route_but_the_open_ones_wants_a_token(kitchen, nobody):
    for method, path, _ in walk(kitchen.app):
        answer = await nobody.request(method, path, headers={"X-Forwarded-For": "1.2.3.4"}, json={})
        expected = {200} if path in OPEN_ROUTES else {401}
        assert answer.status_code in expected, (method, path, answer.text)
        if path not in OPEN_ROUTES:
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_every_route_refuses_roles_that_it_does_not_name(kitchen, client_of):
    for method, path, route in walk(kitchen.app):
        if path in OPEN_ROUTES or path == "/metrics":
            continue
        for role in set(Role) - route.original_route.permission.roles | {Role.SERVICE}:
            answer = await client_of("eve", role.value).request(method, path, json={})
            assert answer.status_code == 403, (method, path, role)


async def test_a_machine_passes_by_scope_only(client_of):
    assert (await client_of("m", "service").get("/tickets")).status_code == 403
    assert (await client_of("m", "service", scope="stream").get("/tickets")).status_code == 403
    assert (await client_of("m", "service", scope="x read").get("/tickets")).status_code == 200
    assert (await client_of("m", "agent", scope="read").get("/tickets")).status_code == 200


@pytest.mark.parametrize("asked", [[], [Depends(lambda: None)], [OPEN, Needs(Role.AGENT)]])
def test_a_route_that_forgot_cannot_be_made(asked):
    routes = APIRouter(route_class=Route)
    routes.get("/a", dependencies=[Needs(Role.AGENT)])(lambda: None)
    routes.get("/b", dependencies=[OPEN])(lambda: None)
    with pytest.raises(UndeclaredRoute, match="/forgotten"):
        routes.get("/forgotten", dependencies=asked)(lambda: None)


def test_a_route_of_another_class_is_found():
    routes = APIRouter()
    routes.get("/plain", dependencies=[Needs(Role.AGENT)])(lambda: None)
    app = FastAPI(openapi_url=None)
    assert_every_route_declares(app)
    app.include_router(routes)
    with pytest.raises(UndeclaredRoute, match="/plain"):
        assert_every_route_declares(app)


UNREADABLE = (
    {"content": b"{"},
    {"content": b"[1, 2"},
    {"content": b"\xff", "headers": {"Content-Type": "application/json"}},
    {"content": b"x" * 20_000},
    {"content": b"a=b", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    {"json": {"unheard": "of"}, "headers": {"If-Match": "7"}, "params": {"unheard": "of"}},
)


async def test_a_stranger_learns_nothing_of_what_is_wrong_with_a_request(kitchen, nobody):
    for method, path, _ in walk(kitchen.app):
        if path in OPEN_ROUTES or path == "/metrics":
            continue
        for sent in UNREADABLE:
            answer = await nobody.request(method, path, **sent)
            assert answer.status_code == 401, (method, path, sent)


async def test_a_strangers_body_is_not_even_read(kitchen):
    async def body():
        message = "it was read"
        raise AssertionError(message)
        yield b""

    transport = httpx.ASGITransport(kitchen.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as nobody:
        assert (await nobody.post("/tickets", content=body())).status_code == 401


def test_a_route_of_the_framework_counts_too():
    with pytest.raises(UndeclaredRoute, match="docs"):
        assert_every_route_declares(FastAPI())


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x.y.z"])
async def test_what_is_no_token_is_refused(nobody, header):
    answer = await nobody.get("/tickets", headers={"Authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.test"},
        {"aud": "another"},
        {"aud": []},
        {"exp": int(time.time()) - 60},
        {"exp": "soon"},
        {"exp": None},
        {"nbf": int(time.time()) + 10**8},
        {"sub": ""},
        {"sub": None},
        {"sub": "a\0b"},
        {"role": "root"},
        {"role": None},
        {"groups": "security"},
        {"org": 7},
        {"scope": ["read"]},
    ],
)
async def test_a_token_that_says_the_wrong_thing_is_refused(client_of, claims):
    answer = await client_of("ann", "agent").get("/tickets")
    assert answer.status_code == 200
    claims = {"name": "ann", **claims}
    answer = await client_of(**{"role": "agent", **claims}).get("/tickets")
    assert answer.status_code == 401


def signed(key, algorithm, **header):
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "role": "agent"}
    claims["exp"] = int(time.time()) + 60
    return jwt.encode({"alg": algorithm, **header}, claims, key, algorithms=[algorithm])


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", RSAKey.generate_key(2048, {"kid": "k"})),
        ("ES256", ECKey.generate_key("P-256", {"kid": "k"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "k"})),
    ],
)
async def test_the_pinned_algorithms_are_taken(tmp_path, algorithm, key):
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    verifier = TokenVerifier(ISSUER, AUDIENCE, str(file))
    assert (await verifier.verify(signed(key, algorithm, kid="k"))).name == "a"


async def test_other_algorithms_and_keys_are_not(jwks, key):
    verifier = TokenVerifier(ISSUER, AUDIENCE, jwks)
    good = signed(key, "ES256", kid="one")
    assert await verifier.verify(good)
    stranger = ECKey.generate_key("P-256", {"kid": "one"})
    public = key.as_pem(private=False)
    for bad in (
        signed(stranger, "ES256", kid="one"),
        forged(good, "none", b""),
        forged(good, "HS256", public),
        good[:-4] + "AAAA",
        good + "x" * 9000,
    ):
        with pytest.raises(Unauthenticated):
            await verifier.verify(bad)


def forged(token, algorithm, secret):
    """The same claims under another algorithm, signed with what everybody knows."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "one"}).encode())
    signing = header.rstrip(b"=") + b"." + token.split(".")[1].encode()
    signature = hmac.digest(secret, signing, "sha256") if secret else b""
    return (signing + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


class CountingIssuer(httpx.AsyncBaseTransport):
    def __init__(self):
        self.keys = []
        self.calls = 0
        self.up = True

    async def handle_async_request(self, request):
        self.calls += 1
        if not self.up:
            raise httpx.ConnectError("down", request=request)
        return httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))


@pytest.fixture
def issuer(monkeypatch):
    issuer = CountingIssuer()
    client = httpx.AsyncClient
    monkeypatch.setattr(httpx, "AsyncClient", lambda **_: client(transport=issuer))
    return issuer


async def test_a_new_key_is_fetched_but_not_at_every_strangers_wish(issuer, monkeypatch):
    old, new = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("old", "new"))
    stranger = ECKey.generate_key("P-256", {"kid": "stranger"})
    issuer.keys = [old]
    verifier = TokenVerifier(ISSUER, AUDIENCE, "https://issuer.test/jwks")
    tokens = [signed(old, "ES256", kid="old") for _ in range(20)]
    await asyncio.gather(*(verifier.verify(token) for token in tokens))
    assert issuer.calls == 1
    issuer.keys = [new]
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await verifier.verify(signed(stranger, "ES256", kid="stranger"))
    assert issuer.calls == 1
    ahead = time.monotonic() + 31
    monkeypatch.setattr(time, "monotonic", lambda: ahead)
    assert (await verifier.verify(signed(new, "ES256", kid="new"))).name == "a"
    assert issuer.calls == 2
    with pytest.raises(Unauthenticated):  # its key was withdrawn, and it was in the cache
        await verifier.verify(tokens[0])


async def test_known_keys_serve_while_the_issuer_is_away(issuer, monkeypatch):
    key = ECKey.generate_key("P-256", {"kid": "k"})
    issuer.keys = [key]
    verifier = TokenVerifier(ISSUER, AUDIENCE, "https://issuer.test/jwks")
    issuer.up = False
    with pytest.raises(KeysUnavailable):
        await verifier.verify(signed(key, "ES256", kid="k"))
    issuer.up = True
    await verifier.verify(signed(key, "ES256", kid="k"))
    issuer.up = False
    ahead = time.monotonic() + 3600
    monkeypatch.setattr(time, "monotonic", lambda: ahead)
    await verifier.verify(signed(key, "ES256", kid="k"))


async def test_a_cached_token_ends_when_it_says(jwks, token, monkeypatch):
    verifier = TokenVerifier(ISSUER, AUDIENCE, jwks)
    told = token(seconds=60)
    await verifier.verify(told)
    ahead = time.time() + 66
    monkeypatch.setattr(time, "time", lambda: ahead)
    with pytest.raises(Unauthenticated):
        await verifier.verify(told)


async def test_without_keys_it_is_a_503(kitchen, token, nobody):
    kitchen.app.state.verifier = TokenVerifier(ISSUER, AUDIENCE, "/nowhere/jwks.json")
    answer = await nobody.get("/tickets", headers={"Authorization": f"Bearer {token()}"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
