import pytest
from a_catalogue import KNOWN
from an_incident import (
    AGENT,
    CALLER,
    DAY,
    HOUR,
    IMPORTER,
    LEAD,
    LOGGED,
    MONDAY,
    by,
    given,
    just,
    log,
    resolved,
)
from pydantic import ValidationError

from deskstream.decider import Refusal
from incident.commands.triage import PrioritiseIncident, ReclassifyIncident, Solution
from incident.commands.work import StartWork
from incident.decider import incident_decider
from incident.decider.state import Unlogged
from incident.events.triage import IncidentAssigned, IncidentImported
from incident.terms import (
    LONGEST_TEXT,
    STARTER_MATRIX,
    Impact,
    PriorityMatrix,
    PriorityTables,
    ProcessPolicy,
    ResolutionCode,
    Restriction,
    Status,
    Urgency,
)
from incident.terms.parties import Parties

VIPS = Parties(vips=KNOWN.vips)
SOLVED = Solution(code=ResolutionCode.FIXED, text="The certificate was renewed.")


def test_a_report_is_logged_with_the_priority_that_the_matrix_gives_it():
    given().when(log(), by(CALLER)).then(LOGGED)


def test_a_group_that_is_known_already_becomes_responsible():
    given().when(log(group="messaging"), by(AGENT)).then(
        LOGGED, IncidentAssigned(group="messaging")
    )


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"caller": "Ben"}, "caller-is-you", "caller"),
        ({"organisation": "globex"}, "organisation-is-yours", "organisation"),
        ({"group": "messaging"}, "desk-chooses-group", "group"),
        ({"solution": SOLVED}, "desk-solves", "solution"),
    ],
)
def test_who_asks_for_help_speaks_for_nobody_else_and_chooses_no_group(asked, code, field):
    given().when(log(**asked), by(CALLER)).then_refused(code, field=field)
    taken_up_by_an_agent = given().when(log(**asked), by(AGENT)).decided
    assert not isinstance(taken_up_by_an_agent, Refusal)


@pytest.mark.parametrize("restricted", [Restriction.SECURITY, Restriction.PERSONNEL])
def test_a_restricted_incident_needs_the_group_that_will_see_it(restricted):
    given().when(log(restricted=restricted), by(CALLER)).then_refused(
        "restricted-needs-group", field="group"
    )
    given().when(log(restricted=restricted, group="security"), by(CALLER)).then(
        LOGGED.model_copy(update={"restricted": restricted}), IncidentAssigned(group="security")
    )


def test_what_is_solved_at_first_contact_is_logged_and_resolved_at_once():
    given().when(log(group="messaging", solution=SOLVED), by(AGENT)).then(
        LOGGED, IncidentAssigned(group="messaging"), just(resolved(MONDAY + HOUR))
    )


def test_told_afterwards_it_was_logged_and_resolved_then():
    then = by(AGENT, MONDAY + HOUR, at=MONDAY)
    given().when(log(solution=SOLVED), then).then(
        LOGGED.model_copy(update={"at": MONDAY}), resolved(MONDAY)
    )


@pytest.mark.parametrize(
    ("told", "raised", "priority"),
    [(Urgency.LOW, Urgency.MEDIUM, 3), (Urgency.MEDIUM, Urgency.HIGH, 2)],
)
def test_what_concerns_a_vip_is_more_urgent_and_says_so(told, raised, priority):
    given().when(log(urgency=told, parties=VIPS), by(CALLER)).then(
        LOGGED.model_copy(
            update={"urgency": raised, "raised_from": told, "priority": priority, "vip": True}
        )
    )


def test_what_is_urgent_already_stays_so_for_a_vip():
    given().when(log(parties=VIPS), by(CALLER)).then(LOGGED.model_copy(update={"vip": True}))


def test_it_is_a_vips_if_it_was_logged_for_one_and_not_if_one_reports_for_another():
    for_carol = log(urgency=Urgency.LOW, on_behalf_of="Carol", parties=VIPS)
    (logged,) = given().when(for_carol, by(CALLER)).decided
    assert (logged.vip, logged.urgency, logged.raised_from) == (False, Urgency.LOW, None)


def test_judged_anew_or_classified_anew_it_is_still_a_vips():
    so_far = given(LOGGED.model_copy(update={"vip": True}))
    judged = PrioritiseIncident(impact=Impact.LOW, urgency=Urgency.LOW, tables=PriorityTables())
    (fact,) = so_far.when(judged).decided
    assert (fact.urgency, fact.raised_from, fact.priority) == (Urgency.MEDIUM, Urgency.LOW, 4)
    twice = given(LOGGED.model_copy(update={"vip": True}), fact).when(judged)
    twice.then_nothing_happened()
    moved = ReclassifyIncident(service="payments", tables=PriorityTables())
    (fact,) = given(LOGGED.model_copy(update={"vip": True}), fact).when(moved).decided
    assert (fact.urgency, fact.raised_from) == (Urgency.MEDIUM, Urgency.LOW)


def test_an_organisation_may_set_that_a_vip_waits_like_everybody_else():
    alike = incident_decider(ProcessPolicy(vip_raises_urgency=False))
    (logged,) = alike.decide(log(urgency=Urgency.LOW, parties=VIPS), by(CALLER), Unlogged())
    assert (logged.vip, logged.urgency, logged.raised_from) == (True, Urgency.LOW, None)


def test_a_description_is_as_long_in_whatever_script():
    longest = "\N{SNOWMAN}" * (LONGEST_TEXT // 3) + "."
    assert len(longest.encode()) == LONGEST_TEXT
    (logged,) = given().when(log(description=longest)).decided
    assert logged.description == longest
    for wrong in (f"{longest}.", "a\0b", " \n "):
        with pytest.raises(ValidationError):
            log(description=wrong)


def test_an_incident_is_logged_once():
    given(LOGGED).when(log(), by(CALLER)).then_refused("already-logged")


def test_nothing_else_happens_to_what_was_not_logged():
    given().when(StartWork(), by(AGENT)).then_refused("not-logged", naming="log it")


@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [
        ("high", "high", 1),
        ("high", "medium", 2),
        ("high", "low", 3),
        ("medium", "high", 2),
        ("medium", "medium", 3),
        ("medium", "low", 4),
        ("low", "high", 3),
        ("low", "medium", 4),
        ("low", "low", 5),
    ],
)
def test_the_starter_matrix_is_the_one_of_the_field(impact, urgency, priority):
    assert STARTER_MATRIX.priority_of(Impact(impact), Urgency(urgency)) == priority


def test_another_matrix_gives_another_priority_and_leaves_its_version():
    low_is_four = {impact: dict.fromkeys(Urgency, 4) for impact in Impact}
    matrix = PriorityMatrix(version=7, priorities=low_is_four)
    given().when(log(tables=PriorityTables(matrices={"": ((MONDAY, matrix),)}))).then(
        LOGGED.model_copy(update={"priority": 4, "matrix_version": 7})
    )


def test_a_matrix_with_a_hole_is_none():
    with pytest.raises(ValueError, match="no priority for low impact with low urgency"):
        PriorityMatrix(
            version=1,
            priorities={
                Impact.HIGH: dict.fromkeys(Urgency, 1),
                Impact.MEDIUM: dict.fromkeys(Urgency, 2),
                Impact.LOW: {Urgency.HIGH: 3, Urgency.MEDIUM: 3},
            },
        )


def test_what_comes_too_late_to_be_reopened_follows_the_incident_before():
    logged = LOGGED.model_copy(update={"follows": "INC0000042"})
    given().when(log(follows="INC0000042"), by(CALLER)).then(logged)
    assert logged.in_words().endswith("It follows INC0000042.")


def test_what_was_opened_elsewhere_is_taken_over_by_an_importer():
    taken = log().model_copy(update={"opened_at": MONDAY - 90 * DAY})
    told = LOGGED.model_dump(exclude={"at"})
    fact = IncidentImported(**told, opened_at=MONDAY - 90 * DAY, at=MONDAY)
    given().when(taken, by(IMPORTER, at=MONDAY)).then(fact)
    assert given(fact).state.status is Status.NEW
    for anybody in (AGENT, LEAD):
        given().when(taken, by(anybody)).then_refused("not-opened-before", field="opened_at")


def test_nothing_is_taken_over_before_it_was_opened():
    too_late = log().model_copy(update={"opened_at": MONDAY + DAY})
    given().when(too_late, by(IMPORTER, at=MONDAY)).then_refused("not-opened-before")
