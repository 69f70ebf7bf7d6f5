from pathlib import Path

import pytest

from deskstream_platform.errors import PlatformError
from deskstream_platform.replay.mapping_file import parse_mapping, read_mapping, shipped_mappings
from incident.terms import Impact, Urgency

MAPPING = (Path(__file__).parent / "another_tool.toml").read_text()


def wrong(old, new):
    assert old in MAPPING
    with pytest.raises(PlatformError) as refusal:
        parse_mapping(MAPPING.replace(old, new, 1).encode(), "mine.toml")
    return str(refusal.value)


def test_the_mapping_of_servicenow_ships_with_the_matrix_of_its_company():
    assert shipped_mappings() == ["servicenow"]
    matrix = read_mapping("servicenow").priority.matrix
    found = [[matrix.priority_of(impact, urgency) for urgency in Urgency] for impact in Impact]
    assert found == [[1, 2, 3], [2, 3, 4], [3, 4, 4]]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('at = "Changed"\n', "", "ticket.at is missing"),
        ('at = "Changed"', 'when = "Changed"', "ticket.when is nothing that a mapping has"),
        ('name = "another-tool"', 'name = "Another Tool"', "name: String should match pattern"),
        ('form = "iso"', 'form = "%d.%m.%Y"', "time: has a form without an offset (%z), so it"),
        (
            'form = "iso"',
            'form = "iso"\nzone = "Berlin"',
            "time.zone: 'Berlin' is no time zone; write one such as Europe/Berlin",
        ),
        (
            'delimiter = ";"',
            'encoding = "klingon"',
            "file.encoding: 'klingon' is no encoding that is known here",
        ),
        (
            '"whole site" = "high"',
            '"whole site" = "huge"',
            "priority.impact.values.whole site: Input should be 'high', 'medium' or 'low', not 'hu",
        ),
        (
            'values = { "whole site" = "high", "several people" = "medium", "one person" = "low" }',
            "",
            "priority.impact: names a column whose words are not ours, so it needs `values`",
        ),
        ('default = "low"', "", "priority.impact.default is missing"),
        (
            'state = "cancelled"',
            'state = "merged"',
            "state.meanings.4: a merger is told of two tickets, by a step of the import API",
        ),
        (
            "low = { high = 3, medium = 4, low = 5 }",
            "low = { high = 3, medium = 4 }",
            "priority.matrix: has no priority for low impact with low urgency",
        ),
        ("high = 1, medium = 2", "high = 0, medium = 2", "priority.matrix.priorities.high.high"),
        (
            'says = ["Waiting", "Customer"]',
            'says = "Waiting"',
            "state: ['Waiting'] has not one word for each of the columns ['Status', 'Sub-status']",
        ),
        (
            'state = "on_hold"\nreason = "awaiting_caller"',
            'state = "on_hold"',
            "state.meanings.2: a reason belongs to on_hold and to no other state",
        ),
        (
            'supplier = { default = "The supplier" }',
            "",
            "state.meanings.3: a hold that awaits a supplier names the supplier",
        ),
        (
            'reason = "awaiting_caller"',
            'reason = "other"',
            "state.meanings.2: a hold for another reason says in a text what it waits for",
        ),
        ('group = "Team"', "group = {}", "assignment.group: names neither a column nor a default"),
        (
            'group = "Team"',
            'group = { column = ["Team", "Assignee"], values = { a = "b" } }',
            "assignment.group: translates values, so it must name exactly one column",
        ),
        ("[ending]", "[ending", "The mapping mine.toml is not TOML: "),
    ],
)
def test_a_mapping_that_cannot_be_used_says_where_and_why(old, new, fault):
    assert fault in wrong(old, new)


def test_a_mapping_that_is_not_there_names_those_that_ship():
    with pytest.raises(PlatformError, match="or one that ships: servicenow"):
        read_mapping("nowhere.toml")
