"""The words given, when and then are red when the decider does something else."""

import pytest
from an_incident import AGENT, LOGGED, RESOLVED, STARTED, by, given

from incident.commands.ending import CloseIncident
from incident.commands.triage import AssignIncident
from incident.commands.work import StartWork

START = given(LOGGED).when(StartWork(), by(AGENT))
REFUSED = given(LOGGED, STARTED).when(StartWork(), by(AGENT))


@pytest.mark.parametrize("facts", [(), (RESOLVED,), (STARTED, STARTED)])
def test_other_facts_than_expected(facts):
    with pytest.raises(AssertionError, match="but got\n    WorkStarted"):
        START.then(*facts)


def test_a_refusal_instead_of_facts():
    with pytest.raises(AssertionError, match="but got\n    Refusal"):
        REFUSED.then(STARTED)
    with pytest.raises(AssertionError, match="but got\n    Refusal"):
        REFUSED.then_nothing_happened()


def test_facts_instead_of_a_refusal():
    with pytest.raises(AssertionError, match="expected\n    refused with 'not-possible-now'"):
        START.then_refused("not-possible-now")


@pytest.mark.parametrize(
    ("code", "naming", "field"),
    [
        ("not-logged", "", None),
        ("not-possible-now", "reopen it", None),
        ("not-possible-now", "", "reason"),
    ],
)
def test_another_refusal_than_expected(code, naming, field):
    with pytest.raises(AssertionError):
        REFUSED.then_refused(code, naming=naming, field=field)


def test_a_failure_tells_the_whole_story():
    closed = given(LOGGED).when(CloseIncident(), by(AGENT))
    with pytest.raises(AssertionError) as failure:
        closed.then(RESOLVED)
    paragraphs = [line for line in str(failure.value).splitlines() if not line.startswith(" ")]
    assert paragraphs == ["given", "when", "expected", "but got"]


def test_nothing_is_told_as_nothing():
    again = given(LOGGED).when(AssignIncident(group="messaging"), by(AGENT))
    with pytest.raises(AssertionError, match="expected\n    nothing"):
        again.then_nothing_happened()
