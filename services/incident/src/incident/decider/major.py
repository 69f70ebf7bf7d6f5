"""The flag of a major incident: proposed, declared, stood down, reviewed."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from deskstream.decider import Command, Refusal
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
from incident.decider.situation import Decision, Situation
from incident.decider.state import Declared, Incident
from incident.events import IncidentEvent
from incident.events.major import (
    MajorDeclared,
    MajorDeclined,
    MajorEvent,
    MajorProposed,
    MajorReviewed,
    MajorStoodDown,
    MajorUpdateGiven,
    MajorUpdateOverdue,
    ManagementNotified,
)
from incident.terms.major import Stage

IS: Final = {
    None: "It is not proposed as a major incident",
    Stage.PROPOSED: "It is proposed as a major incident, and not declared",
    Stage.DECLARED: "It is a declared major incident",
    Stage.STOOD_DOWN: "It was a major incident and is stood down",
    Stage.REVIEWED: "It was a major incident and is reviewed",
}
NEXT: Final = {
    None: "propose or declare it",
    Stage.PROPOSED: "declare or decline it",
    Stage.DECLARED: "give an update or stand it down",
    Stage.STOOD_DOWN: "review it",
    Stage.REVIEWED: "log a new incident if the trouble returns",
}

# The stages from which each of them goes on.
ADMITTED: Final[Mapping[type[Command], Collection[Stage | None]]] = {
    ProposeMajor: {None},
    DeclineMajor: {Stage.PROPOSED},
    DeclareMajor: {None, Stage.PROPOSED},
    NotifyManagement: {Stage.DECLARED},
    GiveMajorUpdate: {Stage.DECLARED},
    RemindOfMajorUpdate: {Stage.DECLARED},
    StandDownMajor: {Stage.DECLARED},
    ReviewMajor: {Stage.STOOD_DOWN},
}


def stood_down(incident: Incident) -> Refusal | None:
    """Why it cannot end unresolved, if it is a major incident."""
    if incident.declared is None:
        return None
    return Refusal("major-incident", "It is a major incident; stand it down first.")


def propose(command: ProposeMajor, situation: Situation) -> Decision:
    """Anybody who works on it may think so."""
    return _unless(command, situation) or [MajorProposed(because=command.because)]


def decline(command: DeclineMajor, situation: Situation) -> Decision:
    """It can be proposed again."""
    return _unless(command, situation) or [MajorDeclined(because=command.because)]


def declare(command: DeclareMajor, situation: Situation) -> Decision:
    """A lead who declares it need not propose it first."""
    if refusal := _unless(command, situation):
        return refusal
    first: list[IncidentEvent] = []
    if situation.incident.major is None:
        first.append(MajorProposed(because=command.business_impact))
    declared = MajorDeclared(
        business_impact=command.business_impact,
        commander=command.commander,
        update_every=command.update_every,
        next_update_by=situation.moment + timedelta(minutes=command.update_every),
    )
    notices = [ManagementNotified(recipient=one) for one in dict.fromkeys(command.notified)]
    return [*first, declared, *notices]


def notify(command: NotifyManagement, situation: Situation) -> Decision:
    """Beside those who knew from the declaration."""
    notified = [ManagementNotified(recipient=command.recipient)]
    return _unless(command, situation) or notified


def update(command: GiveMajorUpdate, situation: Situation) -> Decision:
    """The next one is promised with it."""
    declared = situation.incident.declared
    if declared is None:
        return _not_now(situation)
    next_by = situation.moment + timedelta(minutes=declared.update_every)
    return [MajorUpdateGiven(text=command.text, next_update_by=next_by)]


def remind(_: RemindOfMajorUpdate, situation: Situation) -> Decision:
    """At the promised cadence, until there is an update."""
    declared, now = situation.incident.declared, situation.when.now
    if declared is None:
        return _not_now(situation)
    if now < declared.remind_at:
        return Refusal("too-early", "The next update is not overdue yet.")
    again = now + timedelta(minutes=declared.update_every)
    return [MajorUpdateOverdue(promised_by=declared.next_update_by, reminded_again_at=again)]


def stand_down(command: StandDownMajor, situation: Situation) -> Decision:
    """The incident itself may still be open, or resolved already."""
    return _unless(command, situation) or [MajorStoodDown(text=command.text)]


def review(command: ReviewMajor, situation: Situation) -> Decision:
    """When the service is restored."""
    return _unless(command, situation) or [MajorReviewed(findings=command.findings)]


def _unless(command: Command, situation: Situation) -> Refusal | None:
    admitted = ADMITTED[type(command)]
    return None if situation.incident.major in admitted else _not_now(situation)


def _not_now(situation: Situation) -> Refusal:
    stage = situation.incident.major
    return Refusal("not-as-major-now", f"{IS[stage]}; {NEXT[stage]}.")


def evolve(incident: Incident, event: MajorEvent) -> Incident:  # noqa: PLR0911  one for each fact
    """The incident after this fact."""
    match event:
        case MajorProposed():
            return replace(incident, major=Stage.PROPOSED)
        case MajorDeclined():
            return replace(incident, major=None)
        case MajorDeclared(commander=commander, update_every=every, next_update_by=next_by):
            declared = Declared(commander, every, next_by, remind_at=next_by)
            return replace(incident, major=Stage.DECLARED, declared=declared)
        case MajorUpdateGiven(next_update_by=next_by):
            return _promising(incident, next_by, remind_at=next_by)
        case MajorUpdateOverdue(reminded_again_at=again):
            return _promising(incident, None, remind_at=again)
        case MajorStoodDown():
            return replace(incident, major=Stage.STOOD_DOWN, declared=None)
        case MajorReviewed():
            return replace(incident, major=Stage.REVIEWED)
        case ManagementNotified():
            return incident
        case _:
            assert_never(event)


def _promising(incident: Incident, next_by: datetime | None, remind_at: datetime) -> Incident:
    if incident.declared is None:
        return incident
    next_by = next_by or incident.declared.next_update_by
    declared = replace(incident.declared, next_update_by=next_by, remind_at=remind_at)
    return replace(incident, declared=declared)
