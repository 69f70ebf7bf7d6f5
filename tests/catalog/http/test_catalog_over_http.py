import asyncio
from contextlib import asynccontextmanager

from catalog import starter
from catalog.api.turns import Turns

HARBOUR = {"name": "Harbour Logistics", "kind": "customer"}
BOOKING = {"name": "Booking", "criticality": "high"}
MONDAYS = {
    "name": "Mondays",
    "working_time": {"timezone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}},
    "effective_from": "2026-01-01T00:00:00Z",
}
ALWAYS_MONDAYS = {name: told for name, told in MONDAYS.items() if name != "effective_from"}
END = {"reason": "Not needed any more."}
BEN = {"name": "Ben", "login": "ben"}
ALL_ALIKE = {
    "name": "All alike",
    "priorities": {
        impact: dict.fromkeys(("high", "medium", "low"), 3) for impact in ("high", "medium", "low")
    },
}
KINDS = (
    "organisations",
    "people",
    "groups",
    "services",
    "calendars",
    "agreements",
    "priority-matrices",
    "routing-tables",
)


class LostTurns(Turns):
    """Everybody looks at the same moment, and decides on what is no longer so."""

    writers = asyncio.Barrier(4)

    @asynccontextmanager
    async def _turn(self):
        async with (
            self.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read"),
        ):
            await connection.execute("SELECT 1")
            await self.writers.wait()
            yield connection


def gold(calendar, **changes):
    return {
        "name": "Gold",
        "kind": "sla",
        "valid_from": "2026-02-01T00:00:00Z",
        "calendar": calendar,
        "targets": [{"ticket_type": "incident", "priority": 1, "seconds": {"resolution": 3600}}],
        "warn_at": [0.75],
        **changes,
    }


async def made(client, path, body):
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def code(answer):
    return answer.json()["type"].rpartition("/")[2]


async def names(client, path):
    return [item["name"] for item in (await client.get(path)).json()["items"]]


class TestVersions:
    async def test_a_policy_is_made_changed_and_its_versions_stay(self, owner):
        answer = await owner.post("/calendars", json=MONDAYS)
        assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
        path = answer.headers["Location"]
        tuesdays = {
            "name": "Tuesdays",
            "working_time": {**MONDAYS["working_time"], "hours": {"tue": [["09:00", "17:00"]]}},
        }
        change = await owner.post(f"{path}/versions", json=tuesdays, headers={"If-Match": '"1"'})
        assert (change.status_code, change.json()["version"]) == (200, 2)

        assert (await owner.get(path)).json() == change.json()
        assert await names(owner, "/calendars") == ["Tuesdays"]
        assert await names(owner, f"{path}/versions") == ["Mondays", "Tuesdays"]
        history = (await owner.get(f"{path}/history")).json()["items"]
        assert history[0]["text"].startswith("Defined “Mondays”: mon 09:00-17:00")
        assert [entry["by"] for entry in history] == ["one owner"] * 2

    async def test_what_is_read_can_be_sent_back(self, owner):
        made_first = await made(owner, "/services", BOOKING)
        told = {name: made_first[name] for name in ("name", "criticality", "owner", "parent")}
        answer = await owner.post(f"/services/{made_first['id']}/versions", json=told)
        assert (answer.status_code, answer.json()["version"]) == (200, 1)

    async def test_who_saw_another_version_is_told(self, owner):
        service = await made(owner, "/services", BOOKING)
        path = f"/services/{service['id']}/versions"
        answer = await owner.post(path, json=BOOKING, headers={"If-Match": '"7"'})
        assert answer.status_code == 412

    async def test_a_calendar_keeps_time_enough_for_what_is_promised_by_it(self, owner):
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        await made(owner, "/agreements", gold(calendar))
        one_hour = {"overrides": {"2999-01-01": [["09:00", "09:30"]]}, "hours": {}}
        body = {"name": "Once", "working_time": {"timezone": "UTC", **one_hour}}
        answer = await owner.post(f"/calendars/{calendar}/versions", json=body)
        assert (answer.status_code, code(answer)) == (422, "due-unreachable")
        assert "“Gold”" in answer.json()["detail"]

    async def test_only_what_is_there_can_be_changed(self, owner):
        answer = await owner.post(f"/services/{starter.DEMO_SERVICE}/versions", json=BOOKING)
        assert answer.status_code == 404

    async def test_lists_filter_sort_and_page(self, owner):
        for name in ("Ada", "Bea", "Cleo"):
            await made(owner, "/organisations", {"name": name, "kind": "customer"})
        await made(owner, "/organisations", {"name": "Dora", "kind": "supplier"})
        assert await names(owner, "/organisations?kind=customer&sort=-name") == [
            "Cleo",
            "Bea",
            "Ada",
        ]
        assert await names(owner, "/organisations?text=dora") == ["Dora"]
        first = await owner.get("/organisations?limit=3")
        following = first.links["next"]["url"]
        assert await names(owner, following) == ["Dora"]

    async def test_unknown_fields_are_refused(self, owner):
        hour = {**MONDAYS["working_time"], "hour": {}}
        for path, body, field in (
            ("/organisations", {**HARBOUR, "mood": "good"}, "mood"),
            ("/services", {**BOOKING, "id": str(starter.DEMO_SERVICE)}, "id"),
            ("/calendars", {**MONDAYS, "tzdata": "2026z"}, "tzdata"),
            ("/calendars", {**MONDAYS, "working_time": hour}, "working_time.hour"),
        ):
            answer = await owner.post(path, json=body)
            assert (answer.status_code, answer.json()["field"]) == (422, field)


class TestRulesAcrossPolicies:
    async def test_of_agreements_that_would_tie_exactly_one_is_made(self, owner):
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        answers = await asyncio.gather(
            *(owner.post("/agreements", json=gold(calendar, name=f"G{n}")) for n in range(8))
        )
        assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
        (winner,) = await names(owner, "/agreements")
        refused = [answer for answer in answers if answer.status_code == 422]
        assert {code(answer) for answer in refused} == {"agreement-ties"}
        assert all(winner in answer.json()["detail"] for answer in refused)

    async def test_not_even_a_writer_who_lost_its_turn_makes_a_tie(self, owner, app):
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        app.state.turns = LostTurns(app.state.pool)
        answers = await asyncio.gather(
            *(owner.post("/agreements", json=gold(calendar, name=f"G{n}")) for n in range(4))
        )
        assert len(await names(owner, "/agreements")) == 1
        assert sorted(code(a) for a in answers if a.status_code != 201) == ["contended"] * 3

    async def test_two_moves_at_once_make_no_cycle(self, owner):
        one, two = [(await made(owner, "/services", BOOKING))["id"] for _ in range(2)]
        answers = await asyncio.gather(
            owner.post(f"/services/{one}/versions", json={**BOOKING, "parent": two}),
            owner.post(f"/services/{two}/versions", json={**BOOKING, "parent": one}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]
        assert "parent-is-below" in {code(a) for a in answers if a.status_code == 422}

    async def test_what_is_terminated_makes_room(self, owner):
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        first = await made(owner, "/agreements", gold(calendar))
        await owner.post(
            f"/agreements/{first['id']}/termination",
            json={"reason": "Renewed.", "ends_at": "2100-01-01T00:00:00Z"},
        )
        shown = (await owner.get(f"/agreements/{first['id']}")).json()
        assert shown["terminated_from"] == "2100-01-01T00:00:00Z"
        assert (await owner.get("/agreements")).json()["items"] == [shown]

        too_early = gold(calendar, valid_from="2099-12-31T00:00:00Z")
        assert code(await owner.post("/agreements", json=too_early)) == "agreement-ties"
        await made(owner, "/agreements", gold(calendar, valid_from="2100-01-01T00:00:00Z"))

    async def test_an_agreement_is_amended_with_what_there_is_then(self, owner):
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        agreement = await made(owner, "/agreements", gold(calendar))
        path = f"/agreements/{agreement['id']}/versions"
        amended = await owner.post(path, json=gold(calendar, warn_at=["0.5"]))
        assert (amended.status_code, amended.json()["warn_at"]) == (200, ["0.5"])
        nowhere = str(starter.DEMO_CUSTOMER)
        assert code(await owner.post(path, json=gold(nowhere))) == "unknown-calendar"

    async def test_parties_must_be_known(self, owner):
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        stranger = str(starter.DEMO_CUSTOMER)
        for path, body in (
            ("/agreements", gold(calendar, customer=stranger)),
            ("/priority-matrices", {**ALL_ALIKE, "customer": stranger}),
        ):
            answer = await owner.post(path, json=body)
            assert (code(answer), answer.json()["field"]) == ("unknown-organisation", "customer")

    async def test_a_customer_has_one_matrix(self, owner):
        customer = (await made(owner, "/organisations", HARBOUR))["id"]
        own = {**ALL_ALIKE, "customer": customer}
        assert (await made(owner, "/priority-matrices", own))["id"] == customer
        assert (await owner.post("/priority-matrices", json=own)).status_code == 409


class TestParties:
    async def test_people_work_somewhere_and_groups_are_made_of_them(self, owner):
        harbour = (await made(owner, "/organisations", HARBOUR))["id"]
        ben = (await made(owner, "/people", {**BEN, "organisation": harbour}))["id"]
        anna = {**BEN, "name": "Anna", "login": "anna", "organisation": harbour, "manager": ben}
        anna = (await made(owner, "/people", anna))["id"]
        network = {"name": "Network", "key": "network", "members": [anna, ben], "on_call": anna}
        await made(owner, "/groups", network)
        for query, found in (
            ("people?login=anna", ["Anna"]),
            (f"people?manager={ben}", ["Anna"]),
            (f"people?organisation={harbour}&vip=false", ["Anna", "Ben"]),
            ("people?vip=true", []),
            ("groups?key=network", ["Network"]),
            (f"groups?member={ben}", ["Network"]),
            (f"groups?member={harbour}", []),
        ):
            assert await names(owner, f"/{query}") == found, query

    async def test_of_people_who_take_a_login_at_once_one_gets_it(self, owner):
        harbour = (await made(owner, "/organisations", HARBOUR))["id"]
        ben = {**BEN, "organisation": harbour}
        answers = await asyncio.gather(*(owner.post("/people", json=ben) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201] + [422] * 3
        assert {code(a) for a in answers if a.status_code == 422} == {"login-taken"}

    async def test_not_even_a_writer_who_lost_its_turn_takes_a_login_twice(self, owner, app):
        harbour = (await made(owner, "/organisations", HARBOUR))["id"]
        app.state.turns = LostTurns(app.state.pool)
        ben = {**BEN, "organisation": harbour}
        answers = await asyncio.gather(*(owner.post("/people", json=ben) for _ in range(4)))
        assert sorted(code(a) for a in answers if a.status_code != 201) == ["contended"] * 3

    async def test_a_request_that_is_repeated_is_answered_as_before(self, owner):
        harbour = (await made(owner, "/organisations", HARBOUR))["id"]
        send = {"json": {**BEN, "organisation": harbour}, "headers": {"Idempotency-Key": "one"}}
        first, again = await owner.post("/people", **send), await owner.post("/people", **send)
        assert (again.status_code, again.json()) == (201, first.json())

    async def test_the_routing_table_names_what_is_there(self, owner):
        group = str(starter.SERVICE_DESK)
        table = {"name": "Ours", "routes": [{"group": group}]}
        refused = await owner.post("/routing-tables", json=table)
        assert (code(refused), refused.json()["field"]) == ("unknown-group", "routes.0.group")
        await owner.post("/starter-set")
        (there,) = (await owner.get("/routing-tables")).json()["items"]
        answer = await owner.post(f"/routing-tables/{there['id']}/versions", json=table)
        assert (answer.status_code, answer.json()["routes"][0]["group"]) == (200, group)


class TestRetiring:
    async def test_what_is_retired_is_listed_no_longer_and_named_by_nothing_new(self, owner):
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        answer = await owner.post(f"/calendars/{calendar}/retirement", json=END)
        assert (answer.status_code, answer.json()["name"]) == (200, "Mondays")
        assert answer.json()["retired_from"]
        assert await names(owner, "/calendars") == []
        assert (await owner.get("/calendars?retired=true")).json()["items"] == [answer.json()]
        assert (await owner.get(f"/calendars/{calendar}")).json() == answer.json()
        assert code(await owner.post("/agreements", json=gold(calendar))) == "unknown-calendar"

        back = await owner.post(f"/calendars/{calendar}/versions", json=ALWAYS_MONDAYS)
        assert (back.status_code, back.json()["retired_from"]) == (200, None)
        await made(owner, "/agreements", gold(calendar))

    async def test_what_is_relied_on_does_not_retire(self, owner):
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        harbour = (await made(owner, "/organisations", HARBOUR))["id"]
        await made(owner, "/people", {**BEN, "organisation": harbour})
        await made(owner, "/priority-matrices", {**ALL_ALIKE, "customer": harbour})
        agreement = (await made(owner, "/agreements", gold(calendar)))["id"]
        for path, named in (
            (f"/calendars/{calendar}", "“Gold”"),
            (f"/organisations/{harbour}", "“Ben”"),
        ):
            answer = await owner.post(f"{path}/retirement", json=END)
            assert (answer.status_code, code(answer)) == (409, "still-relied-on")
            assert named in answer.json()["detail"]
        (ben,) = (await owner.get("/people")).json()["items"]
        await owner.post(f"/people/{ben['id']}/retirement", json=END)
        await owner.post(f"/agreements/{agreement}/termination", json=END)
        for path in (f"/calendars/{calendar}", f"/organisations/{harbour}"):
            assert (await owner.post(f"{path}/retirement", json=END)).status_code == 200

    async def test_a_matrix_retires_though_others_name_its_customer(self, owner):
        harbour = (await made(owner, "/organisations", HARBOUR))["id"]
        await made(owner, "/people", {**BEN, "organisation": harbour})
        await made(owner, "/priority-matrices", {**ALL_ALIKE, "customer": harbour})
        answer = await owner.post(f"/priority-matrices/{harbour}/retirement", json=END)
        assert answer.json()["retired_from"]
        assert await names(owner, "/priority-matrices") == []
        own = {**ALL_ALIKE, "customer": harbour}
        back = await owner.post(f"/priority-matrices/{harbour}/versions", json=own)
        assert (back.json()["version"], back.json()["retired_from"]) == (2, None)

    async def test_the_routing_table_retires_and_with_it_what_it_named_may(self, owner):
        network = (await made(owner, "/groups", {"name": "Network", "key": "net"}))["id"]
        routes = {"name": "Ours", "routes": [{"group": network}]}
        table = (await made(owner, "/routing-tables", routes))["id"]
        refused = await owner.post(f"/groups/{network}/retirement", json=END)
        assert code(refused) == "still-relied-on"
        ended = await owner.post(f"/routing-tables/{table}/retirement", json=END)
        assert ended.json()["retired_from"]
        group = await owner.post(f"/groups/{network}/retirement", json=END)
        assert group.status_code == 200

    async def test_only_what_is_there_retires(self, owner):
        answer = await owner.post(f"/groups/{starter.SERVICE_DESK}/retirement", json=END)
        assert answer.status_code == 404


class TestStarterSet:
    async def test_under_one_key_it_is_answered_as_before(self, owner):
        key = {"headers": {"Idempotency-Key": "one"}}
        first = await owner.post("/starter-set", **key)
        again = await owner.post("/starter-set", **key)
        assert (again.status_code, again.json()) == (200, first.json())
        assert again.headers["Idempotency-Replayed"] == "true"
        another = await owner.post("/starter-set", json={}, **key)
        assert code(another) == "idempotency-key-reused"

    async def test_it_is_put_in_once(self, owner):
        first = await owner.post("/starter-set")
        assert first.status_code == 200
        assert {item["refused"] for item in first.json()["items"]} == {None}
        events = (await owner.get("/priority-matrices")).json()
        second = await owner.post("/starter-set")
        assert second.json() == first.json()
        assert (await owner.get("/priority-matrices")).json() == events
        assert len(await names(owner, "/calendars")) == 3

    async def test_what_is_ones_own_stays(self, owner):
        await made(owner, "/priority-matrices", ALL_ALIKE)
        calendar = (await made(owner, "/calendars", MONDAYS))["id"]
        await made(owner, "/agreements", gold(calendar))
        items = (await owner.post("/starter-set")).json()["items"]
        refused = {item["name"]: item["refused"] for item in items if item["refused"]}
        assert list(refused) == ["Usual service levels"]
        assert "“Gold”" in refused["Usual service levels"]
        assert await names(owner, "/priority-matrices") == ["All alike"]


class TestAccess:
    async def test_only_owners_write(self, caller):
        for role in ("requester", "customer", "agent", "lead", "auditor", "service"):
            client = caller(role)
            for path in (*(f"/{kind}" for kind in KINDS), "/starter-set"):
                assert (await client.post(path, json={})).status_code == 403

    async def test_customers_do_not_read_of_other_customers(self, caller, owner):
        await owner.post("/starter-set")
        for role in ("requester", "customer"):
            client = caller(role)
            for path in (
                "/organisations",
                "/agreements",
                "/priority-matrices",
                "/people",
                "/groups",
                "/routing-tables",
                "/events",
                f"/organisations/{starter.DEMO_CUSTOMER}",
                f"/agreements/{starter.DEMO_AGREEMENT}/history",
            ):
                assert (await client.get(path)).status_code == 403

    async def test_everybody_reads_services_and_calendars(self, caller, owner):
        await owner.post("/starter-set")
        for role in ("requester", "customer", "agent", "auditor"):
            client = caller(role)
            assert await names(client, "/services") == ["Demo service"]
            assert len(await names(client, "/calendars")) == 3
            assert (await client.get(f"/services/{starter.DEMO_SERVICE}")).status_code == 200
