"""An import begins, goes on in the order of time, and ends."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deskstream_testing.deciders import BEGINNING, DeciderSpecification
from incident.imports.commands import AdvanceFrontier, BeginImport, EndImport, NoteSteps
from incident.imports.decider import DECIDER
from incident.imports.events import CODEC, ImportAdvanced, ImportBegun, ImportEnded, StepsTold
from incident.imports.terms import RefusedStep, StepId, source_of

EXAMPLES = Path(__file__).parents[3] / "services/incident/contracts/examples"
given = DeciderSpecification(DECIDER).given
BEGUN = ImportBegun(name="The former tool", because="We move.")
LONG_AGO = datetime(2016, 2, 29, tzinfo=UTC)
LATER = LONG_AGO + timedelta(days=1)
ADVANCED = ImportAdvanced(frontier=LATER)
REFUSED = RefusedStep(ticket="T1", sequence=2, code="not-possible-now", detail="It is closed.")


def test_it_begins_once():
    given().when(BeginImport(name=BEGUN.name, because=BEGUN.because)).then(BEGUN)
    given(BEGUN).when(BeginImport(name="x", because="y")).then_refused("begun-before")


def test_nothing_happens_to_what_was_never_begun():
    for command in (EndImport(), AdvanceFrontier(until=LATER), NoteSteps(done=1, refused=())):
        given().when(command).then_refused("not-begun")


def test_a_batch_is_noted_unless_it_changed_nothing():
    told = NoteSteps(done=3, refused=(REFUSED,))
    given(BEGUN).when(told).then(StepsTold(done=3, refused=(REFUSED,)))
    given(BEGUN).when(NoteSteps(done=0, refused=())).then_nothing_happened()


def test_the_frontier_only_goes_forwards():
    given(BEGUN).when(AdvanceFrontier(until=LATER)).then(ADVANCED)
    given(BEGUN, ADVANCED).when(AdvanceFrontier(until=LATER)).then_nothing_happened()
    back = given(BEGUN, ADVANCED).when(AdvanceFrontier(until=LONG_AGO))
    back.then_refused("frontier-goes-back", naming="2016-03-01", field="until")


def test_what_has_not_happened_yet_was_not_told():
    tomorrow = AdvanceFrontier(until=BEGINNING + timedelta(days=1))
    given(BEGUN).when(tomorrow).then_refused("in-the-future", field="until")


def test_it_ends_once_and_takes_nothing_any_more():
    given(BEGUN).when(EndImport()).then(ImportEnded())
    over = given(BEGUN, ImportEnded())
    over.when(EndImport()).then_nothing_happened()
    over.when(NoteSteps(done=1, refused=())).then_refused("import-ended")
    over.when(AdvanceFrontier(until=LATER)).then_refused("import-ended")


def test_its_state_counts_what_became_of_the_steps():
    state = given(BEGUN, StepsTold(done=3, refused=(REFUSED,)), StepsTold(done=2), ADVANCED).state
    assert (state.done, state.refused, state.frontier) == (5, 1, LATER)


def test_nothing_is_told_from_before_the_frontier_or_from_the_future():
    state = given(BEGUN, ADVANCED).state
    just_after = LATER + timedelta(microseconds=1)
    assert state.objection_to(just_after, BEGINNING) is None
    assert state.objection_to(LATER, BEGINNING).code == "before-frontier"
    assert state.objection_to(BEGINNING + timedelta(1), BEGINNING).code == "in-the-future"
    assert given(BEGUN).state.objection_to(LONG_AGO, BEGINNING) is None


def test_a_step_is_found_again_in_what_it_caused():
    for ticket in ("INC-1", "a/b", "a#b", "ä ö"):
        step = StepId("import:0198", ticket, 12)
        assert StepId.read(str(step)) == step
    assert source_of("import-0198-71aa") == "import:0198-71aa"


def test_facts_tell_in_words_what_happened():
    facts = (BEGUN, StepsTold(done=3, refused=(REFUSED,)), ADVANCED, ImportEnded())
    assert [fact.in_words() for fact in facts] == [
        "Began to import The former tool: We move.",
        "3 steps were done, 1 refused.",
        "Everything up to 2016-03-01 00:00:00+00:00 was told.",
        "Ended.",
    ]


def test_every_stored_type_has_an_example():
    names = {path.name.removesuffix(".json") for path in EXAMPLES.glob("import.*")}
    assert names == CODEC.stored_names


@pytest.mark.parametrize("name", sorted(CODEC.stored_names))
def test_an_example_is_written_as_it_was_read(name):
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    fact = CODEC.decode(name, json.dumps(example), LONG_AGO)
    written_name, written = CODEC.encode(fact)
    assert (written_name, json.loads(written)) == (name, example)
    assert set(example) == set(CODEC.names[name].model_fields) - {"at"}


def test_a_stream_that_does_not_begin_with_the_beginning_is_not_read():
    with pytest.raises(ValueError, match="never begun"):
        DECIDER.fold([ADVANCED])
