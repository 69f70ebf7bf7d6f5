import pytest


@pytest.fixture
async def ticket(agent):
    return (await agent.post("/tickets", json={"title": "a"})).json()["id"]


async def test_a_table_of_transitions_makes_routes(agent, ticket, kitchen):
    assert (await agent.post(f"/tickets/{ticket}/restriction")).status_code == 200
    assert (await agent.post(f"/tickets/{ticket}/restriction", json={})).status_code == 200
    answer = await agent.post(f"/tickets/{ticket}/restriction", json={"un": "heard"})
    assert answer.status_code == 422
    assert (await agent.post(f"/tickets/{ticket}/remarks", json={"text": "x"})).json()[
        "version"
    ] == 3
    assert (await agent.post(f"/tickets/{ticket}/remarks")).status_code == 422
    route = kitchen.app.openapi()["paths"]["/tickets/{id}/restriction"]["post"]
    assert route["description"] == "Show it to fewer people."
    assert route["summary"] == "Restriction"
    assert route["security"]
