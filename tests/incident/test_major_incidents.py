"""A major incident is a flag beside status and priority, with a life of its own."""

import pytest
from an_incident import (
    AGENT,
    COMMANDS,
    DECLARED,
    HOUR,
    LEAD,
    LOGGED,
    MACHINE,
    MINUTE,
    MONDAY,
    PROPOSED,
    RESOLVED,
    STOOD_DOWN,
    by,
    given,
)

from deskstream.timer import ClearTimer, SetTimer
from incident.commands.conversion import ConvertToRequest
from incident.commands.ending import CancelIncident, ResolveIncident
from incident.commands.major import (
    DeclareMajor,
    DeclineMajor,
    GiveMajorUpdate,
    NotifyManagement,
    ProposeMajor,
    RemindOfMajorUpdate,
    ReviewMajor,
    StandDownMajor,
)
from incident.commands.merging import MergeInto
from incident.events.major import (
    MajorDeclined,
    MajorReviewed,
    MajorUpdateGiven,
    MajorUpdateOverdue,
    ManagementNotified,
)
from incident.policies import due, timers_after
from incident.terms import ResolutionCode
from incident.terms.major import Stage

REVIEWED = MajorReviewed(findings="Nobody watched the replica.")
STAGES = {
    None: (LOGGED,),
    Stage.PROPOSED: (LOGGED, PROPOSED),
    Stage.DECLARED: (LOGGED, PROPOSED, DECLARED),
    Stage.STOOD_DOWN: (LOGGED, PROPOSED, DECLARED, STOOD_DOWN),
    Stage.REVIEWED: (LOGGED, PROPOSED, DECLARED, STOOD_DOWN, REVIEWED),
}
# The flag's life as the manual has it: to which stage a command leads, from those that admit it.
LEADS_TO = {
    ProposeMajor: {None: Stage.PROPOSED},
    DeclineMajor: {Stage.PROPOSED: None},
    DeclareMajor: {None: Stage.DECLARED, Stage.PROPOSED: Stage.DECLARED},
    NotifyManagement: {Stage.DECLARED: Stage.DECLARED},
    GiveMajorUpdate: {Stage.DECLARED: Stage.DECLARED},
    RemindOfMajorUpdate: {Stage.DECLARED: Stage.DECLARED},
    StandDownMajor: {Stage.DECLARED: Stage.STOOD_DOWN},
    ReviewMajor: {Stage.STOOD_DOWN: Stage.REVIEWED},
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", LEADS_TO, ids=lambda kind: kind.__name__)
def test_the_flag_goes_from_proposed_to_reviewed_and_no_other_way(kind, stage):
    occasion = by(MACHINE if kind is RemindOfMajorUpdate else LEAD)
    when = given(*STAGES[stage]).when(COMMANDS[kind], occasion)
    if stage not in LEADS_TO[kind]:
        when.then_refused("not-as-major-now")
    else:
        assert given(*STAGES[stage], *when.decided).state.major is LEADS_TO[kind][stage]


def test_it_is_declared_with_its_impact_its_commander_and_a_notice_to_management():
    command = DeclareMajor(
        business_impact="Nobody can pay.", commander="Eve", notified=("Mara", "Noel", "Mara")
    )
    given(LOGGED, PROPOSED).when(command, by(LEAD, MONDAY)).then(
        DECLARED, ManagementNotified(recipient="Mara"), ManagementNotified(recipient="Noel")
    )


def test_a_lead_declares_what_nobody_has_proposed():
    command = DeclareMajor(business_impact="Nobody can pay.", commander="Eve", notified=("Mara",))
    given(LOGGED).when(command, by(LEAD, MONDAY)).then(
        PROPOSED, DECLARED, ManagementNotified(recipient="Mara")
    )


def test_what_was_declined_can_be_proposed_again():
    declined = MajorDeclined(because="One branch only.")
    given(LOGGED, PROPOSED, declined).when(ProposeMajor(because="Nobody can pay.")).then(PROPOSED)


def update(at):
    return MajorUpdateGiven(text="It is being restored.", next_update_by=at + 30 * MINUTE)


def test_an_update_promises_the_next():
    now = MONDAY + 20 * MINUTE
    command = GiveMajorUpdate(text="It is being restored.")
    given(LOGGED, PROPOSED, DECLARED).when(command, by(AGENT, now)).then(update(now))


def test_an_update_that_does_not_come_is_reminded_of_at_the_promised_cadence():
    late = MONDAY + 30 * MINUTE
    first = MajorUpdateOverdue(promised_by=late, reminded_again_at=late + 30 * MINUTE)
    again = MajorUpdateOverdue(promised_by=late, reminded_again_at=late + 60 * MINUTE)
    so_far = (LOGGED, PROPOSED, DECLARED)
    given(*so_far).when(RemindOfMajorUpdate(), by(MACHINE, late)).then(first)
    given(*so_far, first).when(RemindOfMajorUpdate(), by(MACHINE, late)).then_refused("too-early")
    given(*so_far, first).when(RemindOfMajorUpdate(), by(MACHINE, late + 30 * MINUTE)).then(again)
    given(*so_far, first, update(late)).when(
        RemindOfMajorUpdate(), by(MACHINE, late + 29 * MINUTE)
    ).then_refused("too-early")


def test_the_cadence_is_the_one_that_was_promised():
    command = DeclareMajor(
        business_impact="Nobody can pay.", commander="Eve", notified=("Mara",), update_every=15
    )
    often = DECLARED.model_copy(update={"update_every": 15, "next_update_by": MONDAY + 15 * MINUTE})
    given(LOGGED, PROPOSED).when(command, by(LEAD, MONDAY)).then(
        often, ManagementNotified(recipient="Mara")
    )
    now = MONDAY + 5 * MINUTE
    told = GiveMajorUpdate(text="It is being restored.")
    given(LOGGED, PROPOSED, often).when(told, by(AGENT, now)).then(
        MajorUpdateGiven(text=told.text, next_update_by=now + 15 * MINUTE)
    )


def test_a_reminder_that_comes_late_leaves_as_much_time_for_an_update():
    due, now = DECLARED.next_update_by, DECLARED.next_update_by + 10 * MINUTE
    given(LOGGED, PROPOSED, DECLARED).when(RemindOfMajorUpdate(), by(MACHINE, now)).then(
        MajorUpdateOverdue(promised_by=due, reminded_again_at=now + 30 * MINUTE)
    )


def test_the_reminder_is_set_by_what_promises_and_forgotten_when_it_is_over():
    (promised,) = timers_after(DECLARED)
    assert promised == SetTimer("major_update", DECLARED.next_update_by)
    assert due(promised.name) == RemindOfMajorUpdate()
    assert timers_after(update(MONDAY)) == [SetTimer("major_update", MONDAY + 30 * MINUTE)]
    overdue = MajorUpdateOverdue(promised_by=MONDAY, reminded_again_at=MONDAY + HOUR)
    assert timers_after(overdue) == [SetTimer("major_update", MONDAY + HOUR)]
    assert timers_after(STOOD_DOWN) == [ClearTimer("major_update")]


def test_status_and_flag_are_independent_but_a_major_incident_is_not_cancelled():
    so_far = given(LOGGED, PROPOSED, DECLARED)
    for kind in (CancelIncident, ConvertToRequest, MergeInto):
        so_far.when(COMMANDS[kind], by(LEAD)).then_refused("major-incident")
    resolving = so_far.when(ResolveIncident(code=ResolutionCode.FIXED, text="Restored."))
    assert given(LOGGED, PROPOSED, DECLARED, *resolving.decided).state.major is Stage.DECLARED
    given(LOGGED, PROPOSED, DECLARED, RESOLVED).when(
        StandDownMajor(text="Payments work."), by(LEAD)
    ).then(STOOD_DOWN)


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (PROPOSED, "Proposed as a major incident: Nobody can pay."),
        (MajorDeclined(because="One branch."), "It is no major incident: One branch."),
        (
            DECLARED,
            "Declared a major incident under Eve: Nobody can pay. Updates every 30 minutes.",
        ),
        (ManagementNotified(recipient="Mara"), "Mara of the management was notified."),
        (
            update(MONDAY),
            "Update on the major incident: It is being restored. Next by 2026-01-05 09:30:00 UTC.",
        ),
        (
            MajorUpdateOverdue(promised_by=MONDAY, reminded_again_at=MONDAY),
            "The update promised by 2026-01-05 09:00:00 UTC is overdue.",
        ),
        (STOOD_DOWN, "Stood down as a major incident: Payments work."),
        (REVIEWED, "The major incident was reviewed: Nobody watched the replica."),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_its_facts_in_plain_words(fact, words):
    assert fact.in_words() == words
