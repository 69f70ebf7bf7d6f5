"""A batch honours Idempotency-Key and If-Match as every POST does."""

import pytest
from a_history import REPORT, a_life, begun, step

from incident.api import telling

KEY = {"Idempotency-Key": "the-first-of-Monday"}


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(telling, "AT_ONCE", 2)


async def send(importer, path, steps, **headers):
    return await importer.post(f"{path}/steps", json={"steps": steps}, headers=headers)


async def test_the_same_key_and_body_give_the_same_answer(importer):
    path = await begun(importer)
    steps = [*a_life(), step("T2", 1, "start")]
    first = await send(importer, path, steps, **KEY)
    again = await send(importer, path, steps, **KEY)
    without = await send(importer, path, steps)
    assert first.status_code == 200
    assert [one["outcome"] for one in first.json()["outcomes"]] == ["done"] * 5 + ["refused"]
    assert again.json() == first.json()
    assert [one["outcome"] for one in without.json()["outcomes"]] == ["before"] * 5 + ["refused"]
    assert (await importer.get(path)).json()["done"] == 5


async def test_the_same_key_with_another_body_is_refused(importer):
    path = await begun(importer)
    await send(importer, path, a_life(), **KEY)
    other = await send(importer, path, [step("T2", 1, "log", **REPORT)], **KEY)
    assert other.status_code == 422
    assert other.json()["type"].endswith("/idempotency-key-reused")
    assert (await importer.get(path)).json()["done"] == 5


async def test_broken_off_in_the_middle_a_batch_goes_on_under_its_key(importer, monkeypatch):
    path, steps, commands_of = await begun(importer), a_life(), telling.commands_of

    def dies_at_the_last(one, *more):
        if one.sequence == 5:
            raise SystemError
        return commands_of(one, *more)

    monkeypatch.setattr(telling, "commands_of", dies_at_the_last)
    assert (await send(importer, path, steps, **KEY)).status_code == 500
    monkeypatch.setattr(telling, "commands_of", commands_of)
    answer = await send(importer, path, steps, **KEY)
    assert [one["outcome"] for one in answer.json()["outcomes"]] == ["done"] * 5


async def test_nothing_is_told_to_an_import_at_another_version(importer):
    path = await begun(importer)
    version = (await importer.get(path)).headers["ETag"]
    seen = {"If-Match": version}
    assert (await send(importer, path, a_life(), **seen)).status_code == 200
    late = await send(importer, path, a_life("T2"), **seen)
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (412, "version-changed")
    assert (await importer.get(path)).json()["done"] == 5


async def test_an_import_is_begun_and_found_under_one_key(importer):
    named = {"name": "The former tool", "because": "We move."}
    for key, status in (("one", 201), ("one", 201), ("two", 200), ("two", 200)):
        answer = await importer.post("/imports", json=named, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["name"]) == (status, named["name"])
