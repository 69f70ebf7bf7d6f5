import json
from pathlib import Path

import pytest
from an_incident import LOGGED, MONDAY, RESOLVED, resolved

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
    logged = LOGGED.model_copy(update={"at": MONDAY})
    begins = {IncidentLogged: [], IncidentImported: []}
    before = {**begins, IncidentClosed: [logged, RESOLVED]}.get(type(fact), [logged])
    assert DECIDER.fold([*before, fact]).told_until == MONDAY
    assert fact.in_words().strip()


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
