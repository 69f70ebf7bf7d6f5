import json
from pathlib import Path

import pytest
from an_incident import LOGGED, MONDAY

from incident.decider import incident_decider
from incident.events import CODEC, IncidentLogged

EXAMPLES = Path(__file__).parents[2] / "services/incident/contracts/examples"
DECIDER = incident_decider()


def test_every_stored_type_has_an_example_and_every_example_a_type():
    assert {path.name.removesuffix(".json") for path in EXAMPLES.iterdir()} == CODEC.stored_names


@pytest.mark.parametrize("name", sorted(CODEC.stored_names))
def test_an_example_is_read_folded_and_told(name):
    fact = CODEC.decode(name, (EXAMPLES / f"{name}.json").read_text(), MONDAY)
    life = [] if isinstance(fact, IncidentLogged) else [LOGGED.model_copy(update={"at": MONDAY})]
    assert DECIDER.fold([*life, fact])
    assert fact.in_words()


@pytest.mark.parametrize("name", sorted(CODEC.stored_names))
def test_an_example_is_written_as_it_was_read(name):
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    written_name, written = CODEC.encode(CODEC.decode(name, json.dumps(example), MONDAY))
    assert (written_name, json.loads(written)) == (name, example)


@pytest.mark.parametrize("name", sorted(CODEC.stored_names))
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
