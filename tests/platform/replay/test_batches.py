import json
from datetime import UTC, datetime, timedelta

import pytest

from deskstream_platform.replay import batches as module
from deskstream_platform.replay.batches import batches, in_json, untold
from deskstream_platform.replay.steps import Kind, Step

NINE = datetime(2016, 2, 29, 9, tzinfo=UTC)


def step(minute, text="x", sequence=1):
    at = NINE + timedelta(minutes=minute)
    return Step("INC1", sequence, 2, at, Kind.CANCEL, "ann", {"reason": text})


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(module, "MOST_STEPS", 3)
    monkeypatch.setattr(module, "MOST_BYTES", 1000)


def cut(*minutes):
    steps = [step(minute) for minute in minutes]
    found = list(batches(steps))
    assert [one for batch in found for one in batch.steps] == steps
    ends = [batch.until and (batch.until - NINE) // timedelta(minutes=1) for batch in found]
    return [len(batch.steps) for batch in found], ends


def test_history_is_told_up_to_the_last_step_of_a_batch():
    assert cut(1, 2, 3, 4) == ([3, 1], [3, 4])


def test_of_a_moment_that_goes_on_in_the_next_batch_not_all_is_told():
    assert cut(1, 2, 2, 2) == ([3, 1], [1, 2])


def test_a_batch_within_one_moment_tells_no_moment_whole():
    assert cut(2, 2, 2, 2, 3) == ([3, 2], [None, 3])


def test_slowed_down_a_batch_covers_little_of_history():
    steps = [step(minute) for minute in (1, 2, 4, 4)]
    found = list(batches(steps, timedelta(minutes=1)))
    assert [len(batch.steps) for batch in found] == [2, 2]


def test_nothing_makes_no_batch():
    assert cut() == ([], [])


def test_long_texts_make_small_batches():
    steps = [step(minute, "é" * 120) for minute in range(3)] + [step(4, "x" * 2000), step(5)]
    found = list(batches(steps))
    assert [len(batch.steps) for batch in found] == [1, 1, 1, 1, 1]
    assert all(len(json.dumps(batch.body)) < 1000 for batch in found if batch.steps[0] != steps[3])


def test_what_was_told_before_is_left_out():
    steps = [step(1), step(2), step(2, sequence=2), step(3)]
    assert untold(steps, None) == steps
    assert untold(steps, NINE + timedelta(minutes=2)) == [step(3)]


def test_a_step_as_it_is_sent():
    fields = {"impact": "high", "urgency": "low", "priority": 3, "opened_at": NINE, "group": None}
    imported = Step("INC1", 4, 17, NINE, Kind.IMPORT, "ann", fields)
    assert in_json(imported) == {
        "ticket": "INC1",
        "sequence": 4,
        "at": "2016-02-29T09:00:00+00:00",
        "kind": "import",
        "by": "ann",
        "fields": {
            "impact": "high",
            "urgency": "low",
            "opened_at": "2016-02-29T09:00:00+00:00",
            "group": None,
        },
    }
