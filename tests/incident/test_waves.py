"""So many people report one service at once: one major incident is proposed, with all of them."""

from uuid import UUID

import pytest
from an_incident import HOUR, LOGGED, MINUTE, MONDAY, PROPOSED, given

from incident.policies.waves import Sufferer, Wave, wave_around
from incident.terms import STARTER_POLICY
from incident.terms.related import IncidentRef

FIVE, QUARTER = STARTER_POLICY.wave_of, STARTER_POLICY.wave_within
BECAUSE = "5 people reported the same service within 15 minutes."


def sufferer(nth, minutes=None, **different):
    ref = IncidentRef(id=UUID(int=nth), number=f"INC{nth:07}")
    opened_at = MONDAY + (nth if minutes is None else minutes) * MINUTE
    return Sufferer(**{"ref": ref, "caller": f"caller {nth}", "opened_at": opened_at} | different)


def wave(parent, *children, because=BECAUSE):
    return Wave(parent.ref, [one.ref for one in children], because)


def around(*sufferers, told=-1, major=None):
    return wave_around(sufferers[told].ref.id, sufferers, major, STARTER_POLICY)


REPORTED = [sufferer(nth) for nth in range(1, FIVE + 1)]


def test_so_many_people_in_so_short_a_time_are_a_wave_whose_first_is_proposed():
    first, *others = REPORTED
    assert around(*REPORTED) == wave(first, *others)
    assert around(*REPORTED, told=0) == wave(first, *others)
    assert around(*REPORTED[1:]) is None


def test_the_time_counts_from_the_first_to_the_last_of_them():
    *others, _ = REPORTED
    last = sufferer(FIVE, minutes=1 + QUARTER / MINUTE)
    assert around(*others, last) == wave(others[0], *others[1:], last)
    too_late = sufferer(FIVE, minutes=1.1 + QUARTER / MINUTE)
    assert around(*others, too_late) is None


def test_what_one_caller_reports_again_and_again_is_no_wave():
    assert around(*(sufferer(nth, caller="Anna") for nth in range(1, 3 * FIVE))) is None


def test_who_is_told_of_late_completes_a_wave():
    late, *others = REPORTED
    assert around(*others, late) == wave(late, *others)


def test_what_comes_next_in_a_wave_joins_it():
    rest = REPORTED[1:]
    major = sufferer(1, has_children=True, is_major=True)
    children = [sufferer(one.ref.id.int, is_child=True) for one in rest]
    assert around(major, *children, major=major) is None
    next_one = sufferer(FIVE + 1)
    assert around(major, *children, next_one, major=major) == wave(major, next_one, because=None)
    hours_later = sufferer(FIVE + 1, minutes=180)
    assert around(major, *children, hours_later, major=major) is None


def test_a_second_wave_joins_what_is_major_in_the_service_already():
    before = sufferer(99, opened_at=MONDAY - 3 * HOUR, is_major=True)
    assert around(*REPORTED, major=before) == wave(before, *REPORTED, because=None)


def test_a_major_incident_that_is_a_child_itself_is_left_to_people():
    child = sufferer(99, is_child=True, is_major=True)
    assert around(*REPORTED, major=child) is None


def test_a_family_that_people_made_goes_on_under_its_parent():
    first, _, _, *others = REPORTED
    parent = sufferer(2, has_children=True)
    child = sufferer(3, is_child=True)
    assert around(first, parent, child, *others) == wave(parent, first, *others)


def test_what_a_lead_found_to_be_no_major_incident_is_not_proposed_again():
    declined = [sufferer(nth, declined=True) for nth in range(1, FIVE)]
    assert around(*declined, sufferer(FIVE)) is None
    new = [sufferer(nth, minutes=10) for nth in range(10, 10 + FIVE)]
    assert around(*declined, *new) == wave(new[0], *new[1:])


@pytest.mark.parametrize("late", [PROPOSED])
def test_a_proposal_does_not_stand_in_the_way_of_what_is_told_late(late):
    proposed = late.model_copy(update={"at": MONDAY + HOUR})
    assert given(LOGGED, proposed).state.told_until == MONDAY
