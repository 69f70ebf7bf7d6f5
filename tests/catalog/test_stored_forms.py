import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.agreements import decider as agreements
from catalog.agreements import events as agreement_events
from catalog.calendars import decider as calendars
from catalog.calendars import events as calendar_events
from catalog.matrices import decider as matrices
from catalog.matrices import events as matrix_events
from catalog.organisations import decider as organisations
from catalog.organisations import events as organisation_events
from catalog.services import decider as services
from catalog.services import events as service_events

EXAMPLES = Path(__file__).parents[2] / "services/catalog/contracts/examples"
STORED_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
AGGREGATES = {
    decider.DECIDER.category: (decider.DECIDER, events)
    for decider, events in (
        (agreements, agreement_events),
        (calendars, calendar_events),
        (matrices, matrix_events),
        (organisations, organisation_events),
        (services, service_events),
    )
}
LIVES = {
    "agreement": ["agreed", "amended", "terminated"],
    "calendar": ["defined", "redefined"],
    "priority_matrix": ["set"],
    "organisation": ["registered", "redefined"],
    "service": ["registered", "redefined"],
}


def example(name):
    return (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")


def test_every_type_ever_stored_has_an_example_and_every_example_a_type():
    stored = {name for _, events in AGGREGATES.values() for name in events.CODEC.stored_names}
    assert {path.stem for path in EXAMPLES.iterdir()} == stored


@pytest.mark.parametrize("category", AGGREGATES)
def test_examples_fold_into_a_life(category):
    decider, events = AGGREGATES[category]
    names = [f"{category}.{what}.v1" for what in LIVES[category]]
    assert set(names) == events.CODEC.stored_names
    facts = [events.CODEC.decode(name, example(name), STORED_AT) for name in names]
    assert decider.fold(facts) is not None
    assert all(fact.in_words() for fact in facts)


@pytest.mark.parametrize("category", AGGREGATES)
def test_what_is_read_is_written_again_as_it_was(category):
    codec = AGGREGATES[category][1].CODEC
    for name in codec.stored_names:
        told = example(name)
        written_name, written = codec.encode(codec.decode(name, told, STORED_AT))
        assert written_name == name
        before = json.loads(told)
        after = json.loads(written)
        definition = after.get("definition", {})
        # Empty exceptions are written out, so that a reader need not know their default.
        for member, value in definition.get("working_time", {}).items():
            before["definition"]["working_time"].setdefault(member, value)
        assert after == before


def test_what_a_newer_release_adds_is_overlooked():
    told = json.loads(example("organisation.registered.v1"))
    told["mood"] = "good"
    told["definition"]["colour"] = "blue"
    read = organisation_events.CODEC.decode(
        "organisation.registered.v1", json.dumps(told), STORED_AT
    )
    assert read.definition.name == "Harbour Logistics"
