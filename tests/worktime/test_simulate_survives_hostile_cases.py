import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskstream_worktime.simulate import simulate

CALENDAR = {"timezone": "UTC", "hours": {"mon": [["09:00", "17:00"]]}, "holidays": []}
ADD = {
    "id": "add",
    "kind": "add",
    "calendar": CALENDAR,
    "input": {"start": "2024-01-08T09:00:00Z", "seconds": 60},
}
ESCALATION = {
    "id": "escalation",
    "kind": "escalation",
    "calendar": CALENDAR,
    "input": {
        "targets": {"resolution": {"seconds": 60, "pausable": True}},
        "events": [
            {"at": "2024-01-08T09:00:00Z", "type": "created", "pause": False},
            {"at": "2024-01-08T09:00:30Z", "type": "policy", "targets": {}},
            {"at": "2024-01-08T09:00:40Z", "type": "calendar", "calendar": CALENDAR},
            {"at": "2024-01-08T09:00:50Z", "type": "state", "to": "closed"},
        ],
        "ask": [
            {
                "target": "resolution",
                "as_of": "2024-01-08T10:00:00Z",
                "clock_start": "2024-01-08T09:00:00Z",
                "want": ["due"],
                "level": {"offset_seconds": 1},
            }
        ],
    },
}
GONE = object()


def changed(case: dict, *path, value) -> dict:
    case = copy.deepcopy(case)
    *way, last = path
    part = case
    for step in way:
        part = part[step]
    if value is GONE:
        del part[last]
    else:
        part[last] = value
    return case


def code_of(case) -> str:
    refused, kept = simulate([case, ADD])
    assert kept["actual"] == {"due": "2024-01-08T09:01:00Z"}
    assert set(refused) == {"id", "error"}
    assert set(refused["error"]) == {"code", "detail"}
    assert refused["error"]["detail"]
    return refused["error"]["code"]


def test_the_cases_that_are_broken_below_are_sound():
    assert [set(answer) for answer in simulate([ADD, ESCALATION])] == [{"id", "actual"}] * 2


@pytest.mark.parametrize("case", [None, 7, "case", [], {}, {"id": ""}, {"id": 7, "kind": "add"}])
def test_what_is_no_case(case):
    assert code_of(case) == "invalid_case"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (["id"], GONE, "invalid_case"),
        (["kind"], "multiply", "invalid_case"),
        (["kind"], ["add"], "invalid_case"),
        (["calendar"], GONE, "invalid_case"),
        (["calendar", "hours"], {}, "calendar_never_opens"),
        (["calendar", "hours", "mon"], [["17:00", "09:00"]], "invalid_window"),
        (["calendar", "hours", "mon"], [[9, 17]], "invalid_case"),
        (["calendar", "timezone"], "Mars/Olympus", "unknown_time_zone"),
        (["calendar", "timezone"], "\ud800", "unknown_time_zone"),
        (["calendar", "holidays"], ["2024-02-30"], "invalid_window"),
        (["input"], GONE, "invalid_case"),
        (["input", "start"], GONE, "invalid_case"),
        (["input", "start"], "2024-01-08T09:00:00", "naive_datetime"),
        (["input", "start"], "2024-02-30T09:00:00Z", "invalid_instant"),
        (["input", "start"], 1704700800, "invalid_instant"),
        (["input", "start"], "0001-01-01T00:00:00+14:00", "invalid_instant"),
        (["input", "start"], "9999-12-31T00:00:00Z", "out_of_range"),
        (["input", "seconds"], GONE, "invalid_case"),
        (["input", "seconds"], "60", "invalid_seconds"),
        (["input", "seconds"], True, "invalid_seconds"),
        (["input", "seconds"], float("nan"), "out_of_range"),
        (["input", "seconds"], float("-inf"), "out_of_range"),
        (["input", "seconds"], 10**400, "out_of_range"),
        (["input", "seconds"], 90 * 365 * 86400, "due_unreachable"),
        (["input", "direction"], "sideways", "invalid_case"),
    ],
)
def test_a_broken_case_of_arithmetic(path, value, code):
    assert code_of(changed(ADD, *path, value=value)) == code


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (["input", "targets"], GONE, "invalid_case"),
        (["input", "targets", "resolution"], 60, "invalid_case"),
        (["input", "targets", "resolution", "seconds"], -1, "out_of_range"),
        (["input", "targets", "resolution", "pausable"], "yes", "invalid_case"),
        (["input", "events"], [], "invalid_case"),
        (["input", "events", 0, "at"], "yesterday", "invalid_instant"),
        (["input", "events", 0, "at"], "2024-01-08T09:00:00", "naive_datetime"),
        (["input", "events", 0, "pause"], 1, "invalid_case"),
        (["input", "events", 1, "targets"], GONE, "invalid_case"),
        (["input", "events", 2, "calendar"], GONE, "invalid_case"),
        (["input", "events", 2, "calendar", "hours"], {}, "calendar_never_opens"),
        (["input", "ask"], GONE, "invalid_case"),
        (["input", "ask"], {"target": "resolution"}, "invalid_case"),
        (["input", "ask", 0], None, "invalid_case"),
        (["input", "ask", 0, "target"], None, "invalid_case"),
        (["input", "ask", 0, "as_of"], "2024-01-08", "naive_datetime"),
        (["input", "ask", 0, "want"], ["the moon"], "invalid_case"),
        (["input", "ask", 0, "level", "offset_seconds"], GONE, "invalid_case"),
    ],
)
def test_a_broken_case_of_escalation(path, value, code):
    assert code_of(changed(ESCALATION, *path, value=value)) == code


def test_a_level_needs_its_offset_and_a_clock_its_start():
    wanted = changed(ESCALATION, "input", "ask", 0, "want", value=["level"])
    assert code_of(changed(wanted, "input", "ask", 0, "level", value=GONE)) == "invalid_case"
    unborn = changed(ESCALATION, "input", "events", 0, "type", value="state")
    assert code_of(changed(unborn, "input", "ask", 0, "clock_start", value=GONE)) == "invalid_case"


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def paths_of(part, way=()):
    yield from [way] if way else []
    steps = part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for step in steps:
        yield from paths_of(part[step], (*way, step))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_anything_anywhere_gets_an_answer_or_a_reason(data):
    case = data.draw(st.sampled_from([ADD, ESCALATION]))
    path = data.draw(st.sampled_from(sorted(paths_of(case), key=str)))
    (answer,) = simulate([changed(case, *path, value=data.draw(junk))])
    assert "id" in answer
    assert ("actual" in answer) != ("error" in answer)
    json.dumps(answer)
