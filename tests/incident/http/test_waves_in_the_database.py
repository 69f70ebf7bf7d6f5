"""What is reported all at once, as the service's own rows show it and its consumer meets it."""

from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

import pytest
from an_incident import AGENT, HOUR, LEAD, LOGGED, MINUTE

from deskstream.cloudevent import Message
from deskstream.envelope import LIVE
from incident.consumer.waves import Waves
from incident.main import AGGREGATE
from incident.terms import STARTER_POLICY, Restriction

NOW = datetime.now(UTC)
NUMBERS = count(1)
FIVE = STARTER_POLICY.wave_of


@pytest.fixture
def service():
    return str(uuid4())


async def report(front, service, minutes, /, **different):
    nth = next(NUMBERS)
    told = {"at": NOW - HOUR + minutes * MINUTE, "service": service, **different}
    named = {"number": f"INC{nth:07}", "caller": f"caller {nth}"}
    return await front.exists(LOGGED.model_copy(update=named | told))


async def hear(front, *identities, provenance=LIVE):
    """The consumer meets the reports of these, in one batch."""
    told = [(one, (await front.recorded(one))[0]) for one in identities]
    messages = [
        Message(
            event.id, event.stream, 1, event.position, event.type, event.occurred_at,
            event.recorded_at, "a story", 0, provenance, None, b"",
        )
        for _, event in told
    ]  # fmt: skip
    async with front.pool.acquire() as connection, connection.transaction():
        await Waves(AGGREGATE, STARTER_POLICY)(connection, messages)


async def kinds(front, identity):
    return [event.type.split(".")[1] for event in await front.recorded(identity)][1:]


async def test_a_wave_is_proposed_with_its_children_and_grows(front, service):
    wave = [await report(front, service, nth) for nth in range(FIVE)]
    first, *others = wave
    await hear(front, *wave[:-1])
    assert await kinds(front, first) == ["major_proposed"] + ["took_child"] * (FIVE - 1)
    assert [await kinds(front, one) for one in others] == [["became_child"]] * (FIVE - 1)
    *_, last = await front.recorded(first)
    told = last.origin
    assert (told.policy, told.correlation, told.depth) == ("waves", "a story", 1)
    seen = await front.get(f"/incidents/{first}", AGENT)
    assert (seen["major"]["stage"], seen["related"]["children"]) == ("proposed", FIVE - 1)
    sixth = await report(front, service, FIVE)
    await hear(front, wave[-1], sixth)
    assert await kinds(front, sixth) == ["became_child"]


async def test_who_is_told_of_again_makes_no_second_wave(front, service):
    first, second, *others = [await report(front, service, nth) for nth in range(FIVE)]
    await hear(front, second)
    decline = {"because": "A rehearsal."}
    await front.send("POST", f"/incidents/{first}/major/refusal", LEAD, json=decline)
    for one in (second, *others):
        await front.send("POST", f"/incidents/{one}/departure", LEAD, json={})
    sixth = await report(front, service, FIVE)
    await hear(front, second)
    assert await kinds(front, second) == ["became_child", "left_parent"]
    await hear(front, sixth)
    assert (await kinds(front, second))[2:] == ["major_proposed"] + ["took_child"] * (FIVE - 1)


async def test_a_lead_declines_for_all_of_them(front, service):
    first, *_ = [await report(front, service, nth) for nth in range(FIVE)]
    await hear(front, first)
    decline = {"because": "A rehearsal."}
    await front.send("POST", f"/incidents/{first}/major/refusal", LEAD, json=decline)
    sixth = await report(front, service, FIVE)
    await hear(front, sixth)
    assert await kinds(front, sixth) == []


@pytest.mark.parametrize(
    "different",
    [
        {"restricted": Restriction.SECURITY},
        {"service": "another"},
        {"caller": "Anna"},
        {"at": NOW},
    ],
    ids=lambda different: next(iter(different)),
)
async def test_what_is_restricted_elsewhere_of_one_caller_or_later_makes_no_wave(
    front, service, different
):
    wave = [await report(front, service, nth) for nth in range(FIVE - 2)]
    wave += [await report(front, service, 0, caller="Anna")]
    wave += [await report(front, service, 0, **different)]
    await hear(front, *wave)
    assert [await kinds(front, one) for one in wave] == [[]] * FIVE


async def test_what_is_over_is_no_part_of_a_wave(front, service):
    over, *wave = [await report(front, service, nth) for nth in range(FIVE + 1)]
    path, reason = f"/incidents/{over}/cancellation", {"reason": "It was my cable."}
    assert (await front.send("POST", path, AGENT, json=reason)).status_code == 200
    await hear(front, *wave[1:])
    assert await kinds(front, over) == ["cancelled"]
    assert await kinds(front, wave[0]) == ["major_proposed"] + ["took_child"] * (FIVE - 1)


async def test_of_an_imported_history_nothing_is_made(front, service):
    wave = [await report(front, service, nth) for nth in range(FIVE)]
    await hear(front, *wave, provenance="import:a-history")
    assert [await kinds(front, one) for one in wave] == [[]] * FIVE


async def test_what_was_resolved_meanwhile_is_on_neither_side(front, service, monkeypatch):
    wave = [await report(front, service, nth) for nth in range(FIVE)]
    looked = Waves._wave

    async def and_meanwhile(self, connection, message):
        found = await looked(self, connection, message)
        resolution = {"code": "fixed", "text": "It works."}
        await front.send("POST", f"/incidents/{wave[2]}/resolution", AGENT, json=resolution)
        return found

    monkeypatch.setattr(Waves, "_wave", and_meanwhile)
    await hear(front, wave[-1])
    assert await kinds(front, wave[2]) == ["resolved"]
    assert (await kinds(front, wave[0])).count("took_child") == FIVE - 2
