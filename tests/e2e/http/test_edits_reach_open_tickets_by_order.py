"""An owner's order over the real services: previewed, given, and in every ticket's history."""

from a_service_desk import LENA, OLGA, eventually


async def until(desk, order, status):
    async def reached():
        answer = (await desk.monitor(OLGA).get(f"/policy-orders/{order}")).json()
        return answer if answer["status"] == status else None

    return await eventually(reached)


async def test_an_order_is_previewed_and_carried_out(desk):
    agreements = (await desk.catalog(OLGA).get("/agreements")).json()["items"]
    body = {"kind": "agreement", "policy": agreements[0]["id"], "because": "as agreed"}
    proposed = await desk.monitor(OLGA).post("/policy-orders", json=body)
    assert proposed.status_code == 201, proposed.text
    order = proposed.json()["id"]
    previewed = await until(desk, order, "previewed")
    shown = (await desk.monitor(OLGA).get(f"/policy-orders/{order}/clocks")).json()
    assert len(shown["items"]) == min(previewed["tally"]["clocks"], 50)
    assert (await desk.monitor(OLGA).post(f"/policy-orders/{order}/run")).status_code == 200
    await until(desk, order, "done")
    history = (await desk.monitor(LENA).get(f"/policy-orders/{order}/history")).json()["items"]
    assert [entry["type"].split(".")[1] for entry in history] == [
        "proposed",
        "previewed",
        "given",
        "carried_out",
    ]
    again = await desk.monitor(OLGA).post(f"/policy-orders/{order}/run")
    assert (again.status_code, again.json()["type"].split("/")[-1]) == (409, "not-possible-now")
