import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.main import SERVICE

EXAMPLES = Path(__file__).parents[2] / "services/catalog/contracts/examples"
STORED_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
AGGREGATES = {aggregate.decider.category: aggregate for aggregate in SERVICE.aggregates}
LIVES = {
    "agreement": ["agreed", "amended", "terminated"],
    "calendar": ["defined", "redefined", "retired"],
    "group": ["registered", "redefined", "retired"],
    "organisation": ["registered", "redefined", "retired"],
    "person": ["registered", "redefined", "retired"],
    "priority_matrix": ["set", "retired"],
    "routing": ["set", "retired"],
    "service": ["registered", "redefined", "retired"],
}


def example(name):
    return (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")


def test_every_type_ever_stored_has_an_example_and_every_example_a_type():
    stored = {name for one in AGGREGATES.values() for name in one.codec.stored_names}
    assert {path.stem for path in EXAMPLES.iterdir()} == stored


@pytest.mark.parametrize("category", AGGREGATES)
def test_examples_fold_into_a_life(category):
    aggregate = AGGREGATES[category]
    stored = aggregate.codec.stored_names
    for edition in ("v1", "v2"):
        told = [f"{category}.{what}.{edition}" for what in LIVES[category]]
        names = [name if name in stored else f"{name[:-3]}.v1" for name in told]
        facts = [aggregate.codec.decode(name, example(name), STORED_AT) for name in names]
        assert aggregate.decider.fold(facts) is not None
        assert all(fact.in_words() for fact in facts)


@pytest.mark.parametrize("category", AGGREGATES)
def test_what_is_read_is_written_again_as_it_was(category):
    codec = AGGREGATES[category].codec
    for name in codec.names:
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
    read = AGGREGATES["organisation"].codec.decode(
        "organisation.registered.v1", json.dumps(told), STORED_AT
    )
    assert read.definition.name == "Harbour Logistics"
