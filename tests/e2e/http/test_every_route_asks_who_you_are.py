"""Every route of every service, walked: without a token, with a false one, in every role.

Who may what is written down here once more, route by route. A route that is not in the table is
an error: it was added, and nobody said whom it admits.
"""

import base64
import hmac
import json
import time
from functools import cache

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from catalog.main import SERVICE as CATALOG
from deskstream.decider import Role
from deskstream.service import create_app
from deskstream.settings import Settings
from incident.main import SERVICE as INCIDENT
from sla_monitor.main import SERVICE as SLA_MONITOR

NOBODY_KNOWN = "00000000-0000-7000-8000-000000000000"
SCOPES = ("import", "read", "stream", "operate", "metrics", "restricted")
PEOPLE = tuple(role.value for role in Role if role is not Role.SERVICE)

ASKERS = {"requester", "customer"}
STAFF = {"agent", "lead"}
EVERYBODY = {*ASKERS, *STAFF, "owner", "auditor"}
INSIDE = {*STAFF, "owner", "auditor"}

OPEN = {"GET /health/live", "GET /health/ready", "GET /openapi.json", "GET /docs"}
METRICS = "GET /metrics"  # on loopback, or with the scope
OPERATION = {
    "GET /orders": ({"lead", "owner", "auditor"}, "operate"),
    "GET /parked": ({"lead", "owner", "auditor"}, "operate"),
    "GET /progress": ({"lead", "owner", "auditor"}, "operate"),
    "GET /timers/failed": ({"lead", "owner", "auditor"}, "operate"),
    "POST /parked/{id}/retry": ({"lead"}, "operate"),
    "POST /parked/{id}/skip": ({"lead"}, "operate"),
}


def definitions(kind, readers):
    """The routes that every kind of definition has in the catalogue."""
    return {
        f"GET /{kind}": (readers, "read"),
        f"GET /{kind}/{{id}}": (readers, "read"),
        f"GET /{kind}/{{id}}/versions": (readers, "read"),
        f"GET /{kind}/{{id}}/history": (readers, "read"),
        f"POST /{kind}": ({"owner"}, None),
        f"POST /{kind}/{{id}}/versions": ({"owner"}, None),
    }


# The roles of people, and the scope that opens it to a machine.
WHO_MAY = {
    "incident": {
        **OPERATION,
        "GET /incidents": (EVERYBODY, "read"),
        "GET /incidents/counts": (EVERYBODY, "read"),
        "GET /incidents/{id}": (EVERYBODY, "read"),
        "GET /incidents/{id}/history": (EVERYBODY, "read"),
        "GET /events": (EVERYBODY, "stream"),
        "GET /handover": (STAFF, None),
        "POST /incidents/bulk": (STAFF, "import"),
        "POST /incidents": ({*ASKERS, *STAFF}, "import"),
        "POST /incidents/{id}/comments": ({*ASKERS, *STAFF}, "import"),
        "POST /incidents/{id}/confirmation": ({*ASKERS, *STAFF}, None),
        "POST /incidents/{id}/reopening": ({*ASKERS, *STAFF}, "import"),
        "POST /incidents/{id}/cancellation": ({*ASKERS, *STAFF}, "import"),
        "POST /incidents/{id}/priority": (STAFF, "import"),
        "POST /incidents/{id}/priority/override": ({"lead"}, "import"),
        "POST /incidents/{id}/priority/override/end": ({"lead"}, "import"),
        "POST /incidents/{id}/classification": (STAFF, "import"),
        "POST /incidents/{id}/assignment": (STAFF, "import"),
        "POST /incidents/{id}/taking": (STAFF, None),
        "POST /incidents/{id}/escalation": (STAFF, "import"),
        **{
            f"POST /incidents/{{id}}/major/{noun}": ({"lead"}, "import")
            for noun in ("refusal", "declaration", "end", "review")
        },
        **{
            f"POST /incidents/{{id}}/major/{noun}": (STAFF, "import")
            for noun in ("proposal", "notices", "updates")
        },
        "POST /incidents/{id}/start": (STAFF, "import"),
        "POST /incidents/{id}/hold": (STAFF, "import"),
        "POST /incidents/{id}/resumption": (STAFF, "import"),
        "POST /incidents/{id}/notes": (STAFF, "import"),
        "POST /incidents/{id}/resolution": (STAFF, "import"),
        "GET /imports": ({"lead", "owner", "auditor"}, "import"),
        "GET /imports/{id}": ({"lead", "owner", "auditor"}, "import"),
        "GET /imports/{id}/history": ({"lead", "owner", "auditor"}, "import"),
        "GET /imports/{id}/refusals": ({"lead", "owner", "auditor"}, "import"),
        "POST /imports": (set(), "import"),
        "POST /imports/{id}/steps": (set(), "import"),
        "POST /imports/{id}/frontier": (set(), "import"),
        "POST /imports/{id}/end": (set(), "import"),
        "POST /incidents/{id}/closure": ({"lead"}, "import"),
        "POST /incidents/{id}/work": (STAFF, "import"),
        "POST /incidents/{id}/watchers": ({*ASKERS, *STAFF}, "import"),
        "POST /incidents/{id}/unwatching": ({*ASKERS, *STAFF}, "import"),
        "POST /incidents/{id}/links": (STAFF, "import"),
        "POST /incidents/{id}/unlinking": (STAFF, "import"),
        "POST /incidents/{id}/parent": (STAFF, "import"),
        "POST /incidents/{id}/departure": (STAFF, "import"),
        "POST /incidents/{id}/independence": (STAFF, "import"),
        "POST /incidents/{id}/dependence": (STAFF, "import"),
        "POST /incidents/{id}/merger": (STAFF, "import"),
        "POST /incidents/{id}/conversion": (STAFF, "import"),
    },
    "catalog": {
        **OPERATION,
        **definitions("calendars", EVERYBODY),
        **definitions("services", EVERYBODY),
        **definitions("organisations", INSIDE),
        **definitions("agreements", INSIDE),
        **definitions("people", INSIDE),
        **definitions("groups", INSIDE),
        **definitions("priority-matrices", INSIDE),
        **definitions("routing-tables", INSIDE),
        "POST /calendars/{id}/retirement": ({"owner"}, None),
        "POST /services/{id}/retirement": ({"owner"}, None),
        "POST /organisations/{id}/retirement": ({"owner"}, None),
        "POST /people/{id}/retirement": ({"owner"}, None),
        "POST /groups/{id}/retirement": ({"owner"}, None),
        "POST /priority-matrices/{id}/retirement": ({"owner"}, None),
        "POST /routing-tables/{id}/retirement": ({"owner"}, None),
        "POST /agreements/{id}/termination": ({"owner"}, None),
        "POST /starter-set": ({"owner"}, None),
        "POST /parties/import": ({"owner"}, "import"),
        "GET /events": (INSIDE, "stream"),
    },
    "sla-monitor": {
        **OPERATION,
        "GET /clocks": (EVERYBODY, "read"),
        "GET /clocks/counts": (EVERYBODY, "read"),
        "GET /clocks/{id}": (EVERYBODY, "read"),
        "GET /clocks/{id}/explanation": (EVERYBODY, "read"),
        "GET /clocks/{id}/history": (EVERYBODY, "read"),
        "GET /attainment": (EVERYBODY, "read"),
        "GET /time-held": (EVERYBODY, "read"),
        "GET /uncovered": (EVERYBODY, "read"),
        "GET /uncovered/counts": (EVERYBODY, "read"),
        "GET /policy-orders": (INSIDE, "read"),
        "GET /policy-orders/{id}": (INSIDE, "read"),
        "GET /policy-orders/{id}/clocks": (INSIDE, "read"),
        "GET /policy-orders/{id}/clocks/counts": (INSIDE, "read"),
        "GET /policy-orders/{id}/history": (INSIDE, "read"),
        "POST /policy-orders": ({"owner"}, None),
        "POST /policy-orders/{id}/run": ({"owner"}, None),
        "POST /policy-orders/{id}/withdrawal": ({"owner"}, None),
        "GET /events": (EVERYBODY, "stream"),
    },
}
SERVICES = {service.name: service for service in (INCIDENT, CATALOG, SLA_MONITOR)}


@cache
def routes_of(service):
    """What the application serves, whatever the table says."""
    app = create_app(SERVICES[service], Settings())
    return sorted(
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in route.methods
    )


def walk(service):
    """Every route that asks who calls."""
    return [route for route in routes_of(service) if route not in OPEN]


def called(route):
    """The method and a path of nothing that exists, as a request."""
    method, _, path = route.partition(" ")
    identity = "1" if path.startswith("/parked") else NOBODY_KNOWN
    return {"method": method, "url": path.replace("{id}", identity)}


def bearer(token):
    # Behind a proxy nobody calls from this machine, so that the figures ask for a token as well.
    return {"Authorization": f"Bearer {token}", "X-Forwarded-For": "203.0.113.7"}


each_service = pytest.mark.parametrize("service", sorted(SERVICES))


@each_service
def test_every_route_is_in_the_table_and_nothing_else_is(service):
    assert set(routes_of(service)) == {*OPEN, METRICS, *WHO_MAY[service]}


@pytest.mark.parametrize("route", sorted({route for table in WHO_MAY.values() for route in table}))
def test_an_auditor_writes_nothing_and_only_people_who_ask_or_work_write(route):
    for table in WHO_MAY.values():
        roles, scope = table.get(route, (set(), None))
        if not route.startswith("GET"):
            assert "auditor" not in roles
            assert scope not in {"read", "stream", "restricted", "metrics"}


@each_service
async def test_without_a_token_only_health_and_description_are_open(service, nobody):
    for route in OPEN:
        assert (await nobody[service].request(**called(route))).status_code == 200
    for route in walk(service):
        answer = await nobody[service].request(
            **called(route), headers={"X-Forwarded-For": "203.0.113.7"}
        )
        assert answer.status_code == 401, route
        assert answer.headers["www-authenticate"].startswith("Bearer"), route
        assert answer.headers["content-type"] == "application/problem+json", route


@each_service
async def test_a_stranger_learns_nothing_of_what_is_wrong_with_a_request(service, nobody):
    for route in WHO_MAY[service]:
        for sent in (
            {"content": b"{"},
            {"content": b"x" * (1 << 20) + b"x"},
            {"json": {"unheard": "of"}, "headers": {"If-Match": "7"}, "params": {"x": "y"}},
        ):
            answer = await nobody[service].request(**called(route), **sent)
            assert answer.status_code == 401, (route, answer.text)


@each_service
async def test_figures_are_for_this_machine_or_a_scope(service, nobody, stack):
    assert (await nobody[service].get("/metrics")).status_code == 200
    for header in ("X-Forwarded-For", "Forwarded"):
        answer = await nobody[service].get("/metrics", headers={header: "for=203.0.113.7"})
        assert answer.status_code == 401


@each_service
async def test_no_address_leads_round_the_question(service, nobody):
    for path in sorted({called(route)["url"] for route in WHO_MAY[service]}):
        for variant in (
            f"{path}/",
            f"{path}//",
            path.upper(),
            f"{path}%2f",
            f"{path};",
            f"/.{path}",
        ):
            for method in ("GET", "POST"):
                answer = await nobody[service].request(method, variant)
                assert answer.status_code in {401, 404, 405}, (method, variant)
        for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
            answer = await nobody[service].request(method, path)
            assert answer.status_code in {401, 405}, (method, path)


@pytest.fixture(scope="module")
def false_tokens(stack):
    """Tokens that are almost right, by what is wrong with them."""
    private = RSAKey.import_key(json.loads((stack.folder / "issuer.json").read_text()))
    stranger = RSAKey.generate_key(2048, {"kid": private.kid})
    stranger_ec = ECKey.generate_key("P-256", {"kid": private.kid})
    claims = {
        "iss": "urn:deskstream:local",
        "aud": "deskstream",
        "sub": "mallory",
        "role": "lead",
        "exp": int(time.time()) + 3600,
        "scope": " ".join(SCOPES),
    }
    header = {"alg": "RS256", "kid": private.kid}

    def signed(key=private, header=header, **different):
        told = {name: claim for name, claim in (claims | different).items() if claim is not None}
        return jwt.encode(header, told, key, algorithms=[header["alg"]])

    def part(document):
        return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")

    good = signed()
    head, body, signature = good.split(".")
    promoted = part(claims | {"role": "owner"})
    hmac_head = part({"alg": "HS256", "kid": private.kid})
    public = private.as_pem(private=False)
    mac = hmac.digest(public, f"{hmac_head}.{body}".encode(), "sha256")
    mac = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    return good, {
        "expired": signed(exp=int(time.time()) - 60),
        "never expiring": signed(exp=None),
        "of another issuer": signed(iss="https://issuer.example"),
        "of no issuer": signed(iss=None),
        "for another audience": signed(aud="another"),
        "for no audience": signed(aud=None),
        "of nobody": signed(sub=None),
        "without a role": signed(role=None),
        "of a role that is none": signed(role="root"),
        "not valid yet": signed(nbf=int(time.time()) + 3600),
        "signed by nobody (none)": f"{part({'alg': 'none'})}.{body}.",
        "signed by nobody (None)": f"{part({'alg': 'None', 'kid': private.kid})}.{body}.",
        "signed with the public key (HS256)": f"{hmac_head}.{body}.{mac}",
        "signed with a stranger's key": signed(stranger),
        "signed with a stranger's curve": signed(stranger_ec, {"alg": "ES256", "kid": private.kid}),
        "signed with a key that it brings along": signed(
            stranger, {"alg": "RS256", "jwk": stranger.as_dict(private=False)}
        ),
        "promoted": f"{head}.{promoted}.{signature}",
        "without its signature": f"{head}.{body}.",
        "with another's signature": f"{head}.{body}.{signed(sub='ann').split('.')[2]}",
        "no token": "abc",
    }


@each_service
async def test_a_false_token_is_no_token(service, nobody, false_tokens):
    good, false = false_tokens
    admitted = await nobody[service].get("/parked", headers=bearer(good))
    assert admitted.status_code == 200  # so that the others fail for the reason they name
    for route in walk(service):
        for what, token in false.items():
            answer = await nobody[service].request(**called(route), headers=bearer(token))
            assert answer.status_code == 401, (route, what)


@each_service
async def test_a_token_is_taken_from_the_header_alone(service, nobody, false_tokens):
    good, _ = false_tokens
    for route in walk(service):
        if route == METRICS:
            continue
        places = (
            {"params": {"access_token": good, "token": good}},
            {"cookies": {"access_token": good, "Authorization": f"Bearer {good}"}},
            {"headers": {"Authorization": f"Basic {good}"}},
            {"headers": {"Authorization": good}},
            {"headers": {"X-Forwarded-User": "olga", "X-Remote-User": "olga"}},
        )
        for place in places:
            method, _, _ = route.partition(" ")
            url = nobody[service].base_url.join(called(route)["url"])
            answer = await nobody[service].send(httpx.Request(method, url, **place))
            assert answer.status_code == 401, (route, place)


@each_service
@pytest.mark.parametrize("role", PEOPLE)
async def test_a_role_may_what_the_table_says_and_no_scope_adds_to_it(service, role, nobody, stack):
    token = stack.token("pat", role, org="an-organisation", groups=["a-group"], scopes=SCOPES)
    for route in walk(service):
        roles, _ = WHO_MAY[service].get(route, (set(), None))
        answer = await nobody[service].request(**called(route), json={}, headers=bearer(token))
        if role in roles:
            assert answer.status_code in {200, 404, 422}, (route, answer.text)
        else:
            assert answer.status_code == 403, (route, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


@each_service
@pytest.mark.parametrize("scope", [None, "agent", "import read", *SCOPES])
async def test_a_machine_may_what_its_scopes_name(service, scope, nobody, stack):
    scopes = (scope or "").split()
    token = stack.token("machine", "service", org="an-organisation", scopes=scopes)
    for route in walk(service):
        _, needed = WHO_MAY[service].get(route, (set(), "metrics"))
        answer = await nobody[service].request(**called(route), json={}, headers=bearer(token))
        if needed in scopes:
            assert answer.status_code in {200, 404, 422}, (route, answer.text)
        else:
            assert answer.status_code == 403, (route, answer.text)
