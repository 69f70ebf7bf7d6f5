"""What the API's own description allows, and what it does not, sent to the running services.

Whatever is sent, by whomever: no answer is a fault of the service, and every one is of a status,
a type and a form that the description announces.
"""

from itertools import count

import pytest
import requests
import schemathesis
from a_service_desk import ACME, ANNA, AUDREY, CARLA, DANA, LENA, NETWORK, OLGA, STREAMER
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.specs.openapi.checks import positive_data_acceptance

from catalog.main import SERVICE as CATALOG
from catalog.routing.terms import ROUTING
from deskstream.service import create_app
from deskstream.settings import Settings
from incident.main import SERVICE as INCIDENT
from sla_monitor.main import SERVICE as SLA_MONITOR

EXAMPLES = 8

# Most requests come from somebody who may do most, so that not all end at the door.
CALLERS = {
    "incident": (LENA, DANA, LENA, CARLA, LENA, STREAMER, LENA, AUDREY),
    "catalog": (OLGA, OLGA, DANA, OLGA, OLGA, STREAMER, OLGA, ANNA),
    "sla-monitor": (LENA, AUDREY, LENA, CARLA, DANA, STREAMER),
}


def described(service):
    """The description of a service as something to be tried."""
    generation = GenerationConfig(
        modes=list(GenerationMode), deterministic=True, max_examples=EXAMPLES, database="none"
    )
    # Methods that a path does not have are tried where every route is walked.
    phases = PhasesConfig(coverage=CoveragePhaseConfig(unexpected_methods=set()))
    config = SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(generation=generation, phases=phases)), seed=1
    )
    return schemathesis.openapi.from_dict(without_slow_patterns(DOCUMENTS[service]), config=config)


def without_slow_patterns(schema):
    """A pattern for sixty thousand characters takes seconds to make sense of."""
    if isinstance(schema, list):
        return [without_slow_patterns(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    slow = schema.get("maxLength", 0) > 10_000
    return {
        name: without_slow_patterns(one)
        for name, one in schema.items()
        if not (slow and name == "pattern")
    }


SERVICES = (INCIDENT, CATALOG, SLA_MONITOR)
DOCUMENTS = {service.name: create_app(service, Settings()).openapi() for service in SERVICES}
APIS = {name: described(name) for name in DOCUMENTS}

bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
async def existing(desk):
    """Ids of things that are there, by the path under which they are found."""
    incidents = [(await desk.log(DANA, organisation=ACME, group=NETWORK))["id"] for _ in range(20)]
    await desk.do(DANA, incidents[0], "start")
    await desk.do(DANA, incidents[1], "hold", reason="awaiting_caller")
    await desk.do(DANA, incidents[2], "resolution", code="fixed", text="It works.")
    for incident in incidents:
        await desk.clocks_of(incident)
    return {"incidents": incidents, "clocks": incidents, **await a_customer_of_our_own(desk)}


async def a_customer_of_our_own(desk):
    """Definitions that can be ended and turned upside down without harm to other tests."""

    async def agreed(what, **told):
        answer = await desk.catalog(OLGA).post(f"/{what}", json={"name": f"Tried {what}", **told})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    hours = {"timezone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}}
    threes = dict.fromkeys(("high", "medium", "low"), 3)
    customer = await agreed("organisations", kind="customer")
    calendar = await agreed("calendars", working_time=hours)
    person = await agreed("people", organisation=customer, login="tried")
    agreement = await agreed(
        "agreements",
        kind="sla",
        customer=customer,
        calendar=calendar,
        valid_from="2990-01-01T00:00:00Z",
        targets=[{"ticket_type": "incident", "priority": 1, "seconds": {"resolution": 3600}}],
    )
    return {
        "organisations": [customer],
        "calendars": [calendar],
        "people": [person],
        "groups": [await agreed("groups", key="tried", members=[person], calendar=calendar)],
        "routing-tables": [str(ROUTING)],
        "agreements": [agreement],
        "services": [await agreed("services", criticality="high")],
        "priority-matrices": [
            await agreed(
                "priority-matrices",
                customer=customer,
                priorities=dict.fromkeys(("high", "medium", "low"), threes),
            )
        ],
    }


@pytest.fixture(scope="module")
def tokens(stack):
    return {
        person: stack.token(
            person.name, person.role, org=person.org, groups=person.groups, scopes=person.scopes
        )
        for people in CALLERS.values()
        for person in people
    }


@pytest.fixture(scope="module")
def line():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def tried(service):
    """A test of every operation that a service describes."""
    turns = count()

    @APIS[service].parametrize()
    @bounded
    def trial(case, stack, existing, tokens, line):
        turn = next(turns)
        if turn % 4 and case.meta.generation.mode is GenerationMode.POSITIVE:
            _bring_home(case, existing, turn)
        person = CALLERS[service][turn % len(CALLERS[service])]
        case.call_and_validate(
            base_url=stack.services[service].url,
            session=line,
            headers={"Authorization": f"Bearer {tokens[person]}"},
            excluded_checks=[positive_data_acceptance],
            timeout=30,
        )

    return trial


def _bring_home(case, existing, turn):
    """Of what is allowed, most concerns nothing that exists, at a version that it never had."""
    kind = case.path.split("/")[1]
    if kind in existing and "id" in case.path_parameters:
        case.path_parameters["id"] = existing[kind][turn % len(existing[kind])]
    for condition in ("If-Match", "Idempotency-Key"):
        case.headers.pop(condition, None)


test_incident = tried("incident")
test_catalog = tried("catalog")
test_sla_monitor = tried("sla-monitor")


@pytest.mark.parametrize("service", sorted(DOCUMENTS))
def test_what_was_tried_is_what_the_service_says_of_itself(service, stack, line):
    told = line.get(f"{stack.services[service].url}/openapi.json", timeout=30).json()
    assert told == DOCUMENTS[service]


@pytest.mark.parametrize("service", sorted(DOCUMENTS))
async def test_and_all_of_it_left_nothing_parked_and_no_fault_in_the_log(service, stack, desk):
    await desk.settled("incident")
    log = (stack.folder / "logs" / f"{service}.log").read_text()
    assert "request failed" not in log
    async with stack.database(service) as database:
        assert await database.fetch("SELECT stream, type, error FROM parked") == []
