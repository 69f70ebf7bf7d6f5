import time

import pytest

ALWAYS = {
    "name": "Around the clock",
    "working_time": {"timezone": "UTC", "hours": {"mon": [["00:00", "24:00"]]}},
}
ORGANISATIONS = b"""key,name,kind,parent
harbour,Harbour Logistics,customer,group
group,Harbour Group,customer,
"""
PEOPLE = b"""\
login,name,organisation,manager,vip,language,email,phone
anna,Anna Smith,harbour,ben,yes,de,anna@harbour.example,+49 30 1
ben,"Jones, Ben",harbour,,,,,
"""
GROUPS = b"""key,name,members,lead,on_call,calendar
network,Network,anna ben,ben,anna,Around the clock
"""


@pytest.fixture
async def bring(owner):
    """`bring("people", content)` is the answer to a file."""

    async def send(kind, content, client=owner, **headers):
        return await client.post(
            f"/parties/import?kind={kind}",
            content=content,
            headers={"Content-Type": "text/csv", **headers},
        )

    return send


@pytest.fixture
async def harbour(bring):
    """An organisation with its parent is there."""
    return counts(await bring("organisations", ORGANISATIONS))


def counts(answer):
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["registered"], told["redefined"], told["unchanged"], len(told["refused"])


def refused(answer):
    assert answer.status_code == 200, answer.text
    return [(one["line"], one["code"], one["field"]) for one in answer.json()["refused"]]


def code(answer):
    return answer.json()["type"].rpartition("/")[2]


async def one(client, path):
    (item,) = (await client.get(path)).json()["items"]
    return item


async def test_a_company_comes_in_from_three_files_and_twice_changes_nothing(bring, owner):
    calendar = (await owner.post("/calendars", json=ALWAYS)).json()["id"]
    files = (("organisations", ORGANISATIONS), ("people", PEOPLE), ("groups", GROUPS))
    first = [counts(await bring(kind, content)) for kind, content in files]
    assert first == [(2, 0, 0, 0), (2, 0, 0, 0), (1, 0, 0, 0)]
    events = (await owner.get("/events?limit=200")).json()
    again = [counts(await bring(kind, content)) for kind, content in files]
    assert again == [(0, 0, 2, 0), (0, 0, 2, 0), (0, 0, 1, 0)]
    assert (await owner.get("/events?limit=200")).json() == events

    anna, ben = await one(owner, "/people?login=anna"), await one(owner, "/people?login=ben")
    group = await one(owner, "/groups?key=network&text=network")
    assert (anna["manager"], anna["vip"], anna["language"]) == (ben["id"], True, "de")
    assert [address["kind"] for address in anna["addresses"]] == ["email", "phone"]
    assert (ben["name"], ben["vip"], ben["addresses"]) == ("Jones, Ben", False, [])
    assert (set(group["members"]), group["lead"]) == ({anna["id"], ben["id"]}, ben["id"])
    assert group["calendar"] == calendar
    logistics = await one(owner, "/organisations?key=harbour")
    assert logistics["parent"] == (await one(owner, "/organisations?key=group"))["id"]


async def test_what_a_file_has_no_column_for_stays_and_an_empty_cell_takes_it_away(
    bring, owner, harbour
):
    await bring("people", PEOPLE)
    assert counts(await bring("people", b"login,name,organisation\nanna,Anna S.,harbour\n")) == (
        0,
        1,
        0,
        0,
    )
    anna = await one(owner, "/people?login=anna")
    assert (anna["name"], anna["vip"], len(anna["addresses"])) == ("Anna S.", True, 2)
    less = b"login,name,organisation,manager,vip,email\nanna,Anna S.,harbour,,,\n"
    assert counts(await bring("people", less)) == (0, 1, 0, 0)
    anna = await one(owner, "/people?login=anna")
    assert (anna["manager"], anna["vip"]) == (None, False)
    assert [address["kind"] for address in anna["addresses"]] == ["phone"]


async def test_a_group_keeps_whom_the_file_does_not_name(bring, owner, harbour):
    await owner.post("/calendars", json=ALWAYS)
    await bring("people", PEOPLE)
    await bring("groups", GROUPS)
    before = await one(owner, "/groups?key=network")
    assert counts(await bring("groups", b"key,name\nnetwork,Networks\n")) == (0, 1, 0, 0)
    after = await one(owner, "/groups?key=network")
    assert after["name"] == "Networks"
    for member in ("members", "lead", "calendar"):
        assert after[member] == before[member]


async def test_a_row_that_cannot_be_taken_is_told_and_the_others_are_taken(bring, owner, harbour):
    content = b"""login,name,organisation,manager,vip,language
anna,Anna,harbour,,,
,Nobody,harbour,,,
carl,Carl,atlantis,,,
dora,Dora,harbour,zoe,,
emil,Emil,harbour,,perhaps,
fred,Fred,harbour,,,German
anna,Anna again,harbour,,,
gina,Gina,harbour
hugo,Hugo\0,harbour,,,

ivan,Ivan,harbour,jane,,
jane,Jane,harbour,ivan,,
kurt,Kurt,harbour,anna,,
"""
    answer = await bring("people", content)
    assert refused(answer) == [
        (3, "cell-missing", "login"),
        (4, "unknown-organisation", "organisation"),
        (5, "unknown-person", "manager"),
        (6, "cell-invalid", "vip"),
        (7, "cell-invalid", "language"),
        (8, "row-repeated", None),
        (9, "row-malformed", None),
        (10, "row-malformed", None),
        (12, "unknown-person", "manager"),
        (13, "unknown-person", "manager"),
    ]
    assert counts(answer)[0] == 2
    assert [item["login"] for item in (await owner.get("/people")).json()["items"]] == [
        "anna",
        "kurt",
    ]


async def test_those_who_are_there_are_not_put_below_each_other(bring, harbour):
    await bring("people", PEOPLE)
    circle = b"login,name,organisation,manager\nben,Ben,harbour,anna\n"
    assert refused(await bring("people", circle)) == [(2, "manager-is-below", "manager")]


async def test_nor_below_those_who_stand_further_below_them(bring, harbour):
    header = b"login,name,organisation,manager\n"
    await bring("people", header + b"a,A,harbour,\nb,B,harbour,a\nc,C,harbour,b\nd,D,harbour,c\n")
    circle = await bring("people", header + b"a,A,harbour,d\n")
    assert refused(circle) == [(2, "manager-is-below", "manager")]


async def test_the_retired_stay_so(bring, owner, harbour):
    await bring("people", PEOPLE)
    anna = await one(owner, "/people?login=anna")
    await owner.post(f"/people/{anna['id']}/retirement", json={"reason": "Left."})
    answer = await bring("people", PEOPLE)
    assert (counts(answer), refused(answer)) == ((0, 0, 1, 1), [(2, "retired", "login")])


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + PEOPLE,
        PEOPLE.replace(b"\n", b"\r\n"),
        PEOPLE.replace(b'"Jones, Ben"', b"Jones Ben").replace(b",", b";"),
        PEOPLE.replace(b"login,name", b" LOGIN , Name "),
        PEOPLE.replace(b"Anna Smith", "Ännå 🧯 „Smith“".encode()),
        PEOPLE.replace(b"Anna Smith", b'"Anna ""Ann""\r\nSmith"'),
    ],
    ids=["mark", "crlf", "semicolons", "header", "emoji", "quotes"],
)
async def test_files_come_as_spreadsheets_write_them(content, bring, harbour):
    assert counts(await bring("people", content)) == (2, 0, 0, 0)
    assert counts(await bring("people", content)) == (0, 0, 2, 0)


@pytest.mark.parametrize(
    "content",
    [
        PEOPLE.decode().encode("utf-16"),
        PEOPLE.replace(b"Anna", b"Ann\xe4"),
        PEOPLE.replace(b"vip", b"password"),
        PEOPLE.replace(b"vip", b"name"),
        PEOPLE.replace(b"login", b"vip"),
        PEOPLE.replace(b"Anna Smith", b'"Anna" Smith'),
        PEOPLE + b'zoe,"Zoe,harbour,,,,,\n',
        b"\0" * 100,
        b"login,name,organisation\nzoe," + b"Z" * 200_000 + b",harbour\n",
    ],
    ids=["utf-16", "latin-1", "unknown", "twice", "missing", "quote", "open", "nul", "huge cell"],
)
async def test_of_a_file_that_cannot_be_read_nothing_is_taken(content, bring, owner, harbour):
    answer = await bring("people", content)
    assert (answer.status_code, code(answer)) == (422, "unreadable-file")
    assert (await owner.get("/people")).json()["items"] == []


async def test_a_file_without_rows_says_nothing(bring):
    assert counts(await bring("people", b"login,name,organisation\n")) == (0, 0, 0, 0)


async def test_a_file_of_ten_megabytes_is_refused(bring):
    assert (
        await bring("people", b"login,name,organisation\n" + b"x" * 10_000_000)
    ).status_code == 413


async def test_what_is_too_large_comes_in_parts_in_whatever_order(bring, owner, harbour):
    header = b"login,name,organisation,manager\n"
    parts = [header + b"anna,Anna,harbour,ben\n", header + b"ben,Ben,harbour,\n"]
    first = [await bring("people", part) for part in parts]
    assert [refused(answer) for answer in first] == [[(2, "unknown-person", "manager")], []]
    again = [counts(await bring("people", part)) for part in parts]
    assert again == [(1, 0, 0, 0), (0, 0, 1, 0)]
    boss = await one(owner, "/people?login=ben")
    assert (await one(owner, "/people?login=anna"))["manager"] == boss["id"]


async def test_only_csv_and_only_parties(bring, owner):
    answer = await bring("people", PEOPLE, **{"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    answer = await bring("people", b'"login"', **{"Content-Type": "application/json"})
    assert code(answer) == "not-csv"
    assert (await bring("services", PEOPLE)).status_code == 422


async def test_under_one_key_it_is_answered_as_before(bring, harbour):
    key = {"Idempotency-Key": "one"}
    first, again = await bring("people", PEOPLE, **key), await bring("people", PEOPLE, **key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert code(await bring("people", PEOPLE + b"\n", **key)) == "idempotency-key-reused"


async def test_ten_thousand_people_come_in_in_well_under_a_minute(bring, owner, harbour):
    rows = [f"p{n},Person {n},harbour,p{n // 10}" for n in range(1, 10_000)]
    content = "\n".join(["login,name,organisation,manager", "p0,Person 0,harbour,", *rows]).encode()
    # Of the service's own time, whatever else the machine is busy with.
    started = time.process_time()
    assert counts(await bring("people", content)) == (10_000, 0, 0, 0)
    first = time.process_time() - started
    assert counts(await bring("people", content)) == (0, 0, 10_000, 0)
    assert first < 15
    assert (await one(owner, "/people?login=p9999"))["name"] == "Person 9999"


async def test_only_owners_and_importing_machines_bring_files(bring, caller):
    for role in ("requester", "customer", "agent", "lead", "auditor", "service"):
        assert (await bring("people", PEOPLE, caller(role))).status_code == 403
