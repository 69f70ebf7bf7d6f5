import json
from pathlib import Path

import pytest
from an_incident import HOUR, LOGGED, MONDAY, RESOLVED, resolved

from incident.decider import incident_decider
from incident.events import CODEC
from incident.events.ending import IncidentClosed
from incident.events.triage import IncidentImported, IncidentLogged

EXAMPLES = Path(__file__).parents[2] / "services/incident/contracts/examples"
DECIDER = incident_decider()


def test_every_stored_type_has_an_example_and_every_example_a_type():
    names = {path.name.removesuffix(".json") for path in EXAMPLES.glob("incident.*")}
    assert names == CODEC.stored_names


@pytest.mark.parametrize("name", sorted(CODEC.stored_names))
def test_an_example_is_read_folded_and_told(name):
    fact = CODEC.decode(name, (EXAMPLES / f"{name}.json").read_text(), MONDAY)
    assert fold(fact).told_until == MONDAY
    assert fact.in_words().strip()


REMARKS = {
    *("escalated.v1", "escalation_told.v1", "caller_reminded.v1", "work_recorded.v1"),
    *("watched.v1", "unwatched.v1", "linked.v1", "unlinked.v1", "priority_override_ended.v1"),
    *("major_proposed.v1", "major_update_overdue.v1", "management_notified.v1"),
    *("service_level_warned.v1", "service_level_breached.v1", "service_level_breach_corrected.v1"),
    *("service_level_suspected.v1", "service_level_suspicion_cleared.v1"),
    *("became_child.v1", "left_parent.v1", "made_independent.v1", "made_dependent.v1"),
    *("took_child.v1", "child_left.v1"),
    *("took_in.v1", "comment_moved.v1", "note_moved.v1", "work_moved.v1"),
}


@pytest.mark.parametrize("name", sorted(CODEC.names))
def test_only_what_is_part_of_its_course_stands_in_the_way_of_what_is_told_late(name):
    fact = CODEC.decode(name, (EXAMPLES / f"{name}.json").read_text(), MONDAY + HOUR)
    is_remark = name.removeprefix("incident.") in REMARKS
    assert fold(fact).told_until == (MONDAY if is_remark else MONDAY + HOUR)


def fold(fact):
    """The incident after the least that has to be before this fact."""
    logged = LOGGED.model_copy(update={"at": MONDAY})
    begins = {IncidentLogged: [], IncidentImported: []}
    before = {**begins, IncidentClosed: [logged, RESOLVED]}.get(type(fact), [logged])
    return DECIDER.fold([*before, fact])


@pytest.mark.parametrize("name", sorted(CODEC.names))
def test_an_example_is_written_as_it_was_read(name):
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    written_name, written = CODEC.encode(CODEC.decode(name, json.dumps(example), MONDAY))
    assert (written_name, json.loads(written)) == (name, example)


@pytest.mark.parametrize("name", sorted(CODEC.names))
def test_an_example_shows_every_field(name):
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    assert set(example) == set(CODEC.names[name].model_fields) - {"at"}


def test_what_a_newer_release_added_is_overlooked():
    text = '{"text": "The disk is full.", "mood": "cheerful"}'
    assert CODEC.decode("incident.note_added.v1", text, MONDAY).in_words() == (
        "Noted: The disk is full."
    )


def test_a_stream_that_does_not_begin_with_the_logging_is_not_read():
    with pytest.raises(ValueError, match=r"WorkStarted happened to .* never logged"):
        DECIDER.fold([CODEC.decode("incident.work_started.v1", "{}", MONDAY)])


@pytest.mark.parametrize(
    ("by_agent", "automatic", "speaker"),
    [(True, False, "agent"), (False, False, "customer"), (False, True, "machine")],
)
def test_who_spoke_is_read_from_the_first_version_too(by_agent, automatic, speaker):
    stored = json.dumps({"text": "Yes.", "by_agent": by_agent, "automatic": automatic})
    assert CODEC.decode("incident.comment_added.v1", stored, MONDAY).speaker == speaker


def test_a_resolution_of_the_first_version_closes_as_was_set_when_it_was_stored():
    stored = json.dumps({"code": "fixed", "text": "Done."})
    assert CODEC.decode("incident.resolved.v1", stored, MONDAY) == resolved(MONDAY, text="Done.")


def test_an_incident_that_is_logged_a_second_time_is_not_read():
    with pytest.raises(ValueError, match="logged a second time"):
        DECIDER.fold([LOGGED.model_copy(update={"at": MONDAY})] * 2)
