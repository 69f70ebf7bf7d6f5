import copy
import json
from pathlib import Path

import pytest

from deskstream_worktime.simulate import simulate

CASES = json.loads(Path(__file__).with_name("sla_vectors_sample.json").read_text())
CLOSES = {
    "BIZ-014": {"due": "2006-01-08T12:00:00Z"},
    "ZAMMAD-012": {
        "checks": [
            {
                "target": "first_response",
                "as_of": "2013-06-04T15:00:00Z",
                "due": "2013-06-04T16:00:00Z",
            }
        ]
    },
}


def expected_of(case):
    return CLOSES[case["id"]] if case["boundary"] == "open" else case["expected"]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case):
    assert simulate([case]) == [{"id": case["id"], "actual": expected_of(case)}]


def test_there_are_all_of_them():
    assert len(CASES) == 54
    assert {case["id"] for case in CASES if case["boundary"] == "open"} == set(CLOSES)


def test_expected_answers_are_not_read():
    lying = copy.deepcopy(CASES)
    for case in lying:
        case["expected"] = {**case["expected"], "due": "1999-01-01T00:00:00Z", "seconds": -1}
        for check in case["expected"].get("checks", []):
            check.update((key, 0) for key in ("due", "elapsed_seconds") if key in check)
    assert simulate(lying) == simulate(CASES)


def test_a_question_in_the_input_comes_before_the_expected_checks():
    case = copy.deepcopy(next(case for case in CASES if case["id"] == "GLPI-005"))
    ask = {
        "target": "resolution",
        "as_of": "2034-06-08T09:00:00Z",
        "want": ["due", "elapsed_seconds", "paused", "breached", "late_seconds"],
        "level": {"offset_seconds": -3600},
    }
    case["input"]["ask"] = [ask]
    assert simulate([case])[0]["actual"]["checks"] == [
        {
            "target": "resolution",
            "as_of": "2034-06-08T09:00:00Z",
            "due": "2034-06-08T12:00:00Z",
            "elapsed_seconds": 3600,
            "paused": False,
            "breached": False,
            "late_seconds": 0,
            "level": {"offset_seconds": -3600, "at": "2034-06-08T11:00:00Z"},
        }
    ]
