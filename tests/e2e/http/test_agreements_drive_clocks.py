"""What is agreed over the catalogue's API is what the monitor's clocks run by, of every kind."""

from datetime import datetime, timedelta

import pytest
from a_service_desk import CARLA, DANA, LENA, NETWORK, OLGA, SECURITY, eventually, problem

from catalog.starter import AROUND_THE_CLOCK
from deskstream_testing.stack import Stack

MINUTES = 60
LONG_SINCE = "2026-01-01T00:00:00Z"
SUPPLIER_KEY = "cable-company"


def row(**told):
    return {"ticket_type": "incident", "priority": 3, **told}


@pytest.fixture(scope="module")
async def agreed(desk):
    """A customer with its service, and agreements of each kind about it, in every copy."""

    async def made(path, **body):
        answer = await desk.catalog(OLGA).post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    (network,) = (await desk.catalog(OLGA).get(f"/groups?key={NETWORK}")).json()["items"]
    customer = await made("/organisations", name="Initech", kind="customer")
    supplier = await made("/organisations", name="Cables Ltd", kind="supplier", key=SUPPLIER_KEY)
    about = {
        "customer": customer,
        "service": await made("/services", name="Telephony", criticality="high"),
        "calendar": str(AROUND_THE_CLOCK),
        "valid_from": LONG_SINCE,
    }
    sla = await made(
        "/agreements",
        name="Telephony, gold",
        kind="sla",
        **about,
        targets=[
            row(
                seconds={
                    "first_response": 15 * MINUTES,
                    "next_response": 20 * MINUTES,
                    "resolution": 240 * MINUTES,
                }
            ),
            {"ticket_type": "incident", "major": True, "seconds": {"resolution": 60 * MINUTES}},
        ],
        pauses_on=["awaiting_supplier"],
        warn_before=[10 * MINUTES],
        on_change={"resolution": "restart"},
    )
    ola = await made(
        "/agreements",
        name="Telephony within the network group",
        kind="ola",
        group=network["id"],
        **about,
        targets=[row(seconds={"resolution": 90 * MINUTES})],
    )
    contract = await made(
        "/agreements",
        name="Telephony with the cable company",
        kind="underpinning",
        supplier=supplier,
        **about,
        targets=[row(seconds={"resolution": 120 * MINUTES})],
    )
    made_all = {"sla": sla, "ola": ola, "contract": contract, **about, "supplier": supplier}
    await _copied(desk.stack, {"agreement": [sla, ola, contract], "organisation": [supplier]})
    return made_all


async def _copied(stack: Stack, wanted):
    async with stack.database("sla-monitor") as monitor:

        async def there():
            known = "SELECT count(*) FROM policies WHERE id = ANY($1)"
            ids = [one for many in wanted.values() for one in many]
            return await monitor.fetchval(known, ids) == len(ids)

        await eventually(there)


async def clocks(desk, ticket):
    await desk.clocks_of(ticket["id"])
    shown = (await desk.monitor(LENA).get(f"/clocks/{ticket['id']}")).json()
    return {clock["target"]: clock for clock in shown["clocks"]}


def minutes_given(clock):
    given = datetime.fromisoformat(clock["due_at"]) - datetime.fromisoformat(clock["started_at"])
    return given / timedelta(minutes=1)


async def test_each_kind_of_agreement_has_its_clock(desk, agreed):
    about = {"organisation": agreed["customer"], "service": agreed["service"], "caller": "iris"}
    ticket = await desk.log(DANA, title="No dial tone", group=NETWORK, **about)
    assert ticket["priority"] == 3
    opened = await clocks(desk, ticket)
    assert {target: minutes_given(clock) for target, clock in opened.items()} == {
        "first_response": 15,
        "resolution": 240,
        "ownership": 90,
    }
    assert opened["ownership"]["promise"]["agreement"]["id"] == agreed["ola"]
    assert opened["resolution"]["promise"]["warn_before"] == [10 * MINUTES]

    await desk.do(DANA, ticket["id"], "comments", text="We are looking into it.")
    await desk.do(DANA, ticket["id"], "hold", reason="awaiting_supplier", supplier=SUPPLIER_KEY)
    waiting = await clocks(desk, ticket)
    assert minutes_given(waiting["supplier"]) == 120
    assert waiting["supplier"]["promise"]["agreement"]["id"] == agreed["contract"]
    assert waiting["resolution"]["phase"] == "paused"

    await desk.do(DANA, ticket["id"], "assignment", group=SECURITY)
    given_away = await clocks(desk, ticket)
    assert given_away["ownership"]["phase"] == "final"


async def test_a_customers_contact_wants_the_next_response(desk, agreed):
    about = {"organisation": agreed["customer"], "service": agreed["service"], "caller": "carla"}
    ticket = await desk.log(DANA, title="Crackling", **about)
    await desk.do(DANA, ticket["id"], "comments", text="Which room is it?")
    await desk.do(CARLA, ticket["id"], "comments", text="The large one.")
    answered = await clocks(desk, ticket)
    assert minutes_given(answered["next_response"]) == 20


async def test_a_major_incident_has_the_row_of_those_and_its_time_begins_afresh(desk, agreed):
    about = {"organisation": agreed["customer"], "service": agreed["service"], "caller": "iris"}
    ticket = await desk.log(DANA, title="Nobody can call", **about)
    declared = {"business_impact": "No sales.", "commander": "lena", "notified": ["olga"]}
    await desk.do(LENA, ticket["id"], "major/declaration", **declared)
    major = (await clocks(desk, ticket))["resolution"]
    assert major["promise"]["seconds"] == 60 * MINUTES
    assert major["promise"]["rebase"] == "restart"


@pytest.mark.parametrize(
    "path",
    [
        "/clocks",
        "/clocks/counts",
        "/clocks/{id}",
        "/clocks/{id}/explanation",
        "/clocks/{id}/history",
        "/attainment?since=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z",
        "/time-held?since=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z",
        "/uncovered",
        "/uncovered/counts",
        "/policy-orders",
    ],
)
async def test_every_answer_says_on_what_it_stands(desk, agreed, path):
    about = {"organisation": agreed["customer"], "service": agreed["service"], "caller": "iris"}
    ticket = await desk.log(DANA, title="Hum", **about)
    await desk.clocks_of(ticket["id"])
    answer = await desk.monitor(OLGA).get(path.format(id=ticket["id"]))
    assert answer.status_code == 200, answer.text
    stands_on = answer.headers["Stands-On"]
    assert stands_on.startswith("position=")
    assert "complete-until=" in stands_on
    assert "itsm.incident.events.v1/" in stands_on


async def test_a_group_and_a_supplier_that_agreements_name_do_not_retire(desk, agreed):
    refused = await desk.catalog(OLGA).post(
        f"/organisations/{agreed['supplier']}/retirement", json={"reason": "Too dear."}
    )
    assert "Telephony with the cable company" in problem(refused, 409)["detail"]


async def test_what_is_agreed_with_one_group_is_not_for_another(desk, agreed):
    about = {"organisation": agreed["customer"], "service": agreed["service"], "caller": "iris"}
    ticket = await desk.log(DANA, title="Echo", group=SECURITY, **about)
    assert "ownership" not in await clocks(desk, ticket)
