import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator


@pytest.fixture
async def here(kitchen):
    transport = httpx.ASGITransport(kitchen.app, client=("127.0.0.1", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        yield client


async def test_liveness_asks_nothing(here):
    assert (await here.get("/health/live")).json() == {"status": "live"}


async def test_readiness_says_what_is_missing(here, missing):
    assert (await here.get("/health/ready")).status_code == 200
    missing.append("kafka: no broker answers.")
    answer = await here.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["kafka: no broker answers."]


async def test_metrics_are_for_this_machine_or_by_scope(here, kitchen, client_of):
    assert "deskstream_http_requests_total" in (await here.get("/metrics")).text
    proxied = await here.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"})
    assert proxied.status_code == 401
    transport = httpx.ASGITransport(kitchen.app, client=("10.0.0.9", 5))
    headers = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        assert (await client.get("/metrics")).status_code == 401
        headers = client_of("prometheus", "service", scope="metrics").headers
        assert (await client.get("/metrics", headers=headers)).status_code == 200
        headers = client_of("ann", "agent", scope="metrics").headers
        assert (await client.get("/metrics", headers=headers)).status_code == 403


async def test_requests_are_counted_by_the_template_of_their_route(agent, here):
    await agent.get("/tickets/0197a6f0-0000-7000-8000-000000000000")
    await agent.get("/wild/path/of/a/stranger")
    text = (await here.get("/metrics")).text
    assert 'requests_total{method="GET",route="/tickets/{id}",status="404"}' in text
    assert 'requests_total{method="GET",route="unmatched",status="404"}' in text
    assert "stranger" not in text
    assert "0197a6f0" not in text


async def test_the_description_is_valid_and_tells_every_problem(here):
    document = (await here.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
    change = document["paths"]["/tickets/{id}/comments"]["post"]
    assert set(change["responses"]) >= {"200", "401", "403", "404", "409", "412", "413", "422"}
    assert change["security"] == [{"bearer": []}]
    assert {parameter["name"].lower() for parameter in change["parameters"]} == {
        "id",
        "if-match",
        "idempotency-key",
    }
    assert "security" not in document["paths"]["/health/live"]["get"]
    assert "HTTPValidationError" not in str(document)
    listed = document["paths"]["/tickets"]["get"]
    assert {"state", "sort", "after"} <= {parameter["name"] for parameter in listed["parameters"]}


async def test_the_page_about_the_api_loads_nothing_from_elsewhere(here):
    answer = await here.get("/docs")
    assert answer.status_code == 200
    assert "openapi.json" in answer.text
    assert "http" not in answer.text.replace("http-equiv", "")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
