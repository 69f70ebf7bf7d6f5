"""Incidents that one caller reported twice: one goes on for both."""

from typing import assert_never

from deskstream.decider import Refusal
from incident.commands.merging import MergeInto, TakeIn
from incident.decider.family import childless
from incident.decider.major import stood_down
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, Merged
from incident.events.merging import (
    CommentMoved,
    IncidentMerged,
    IncidentTookIn,
    MergingEvent,
    NoteMoved,
    WorkMoved,
)
from incident.events.watching import IncidentWatched
from incident.terms.related import Comment, Effort, Note, Peer


def merge_into(command: MergeInto, situation: Situation) -> Decision:
    """What belongs to it must be just what the other one takes in."""
    incident, survivor = situation.incident, command.survivor
    if refusal := _no_duplicate(survivor, incident) or childless(incident) or stood_down(incident):
        return refusal
    if incident.restricted and not survivor.restricted:
        return _refused(
            "restricted-stays-restricted",
            f"It is restricted, and {survivor.number} is not; merge that one into it.",
        )
    if command.belongings != incident.moving:
        return Refusal(
            "changed-meanwhile",
            "Something was added to it meanwhile. Please try again.",
            retry_after=1,
        )
    return [*incident.leaving, IncidentMerged(into=survivor.ref)]


def take_in(command: TakeIn, situation: Situation) -> Decision:
    """Comments, notes, work and watchers move; nobody says or does anything again."""
    incident, duplicate, moving = situation.incident, command.duplicate, command.belongings
    if refusal := _no_duplicate(duplicate, incident):
        return refusal
    new = moving.watchers - incident.moving.watchers
    return [
        IncidentTookIn(duplicate=duplicate.ref),
        *(CommentMoved(duplicate=duplicate.number, **dict(one)) for one in moving.comments),
        *(NoteMoved(duplicate=duplicate.number, **dict(one)) for one in moving.notes),
        *(WorkMoved(duplicate=duplicate.number, **dict(one)) for one in moving.efforts),
        *(IncidentWatched(person=person) for person in sorted(new)),
    ]


def _no_duplicate(peer: Peer, incident: Incident) -> Refusal | None:
    """Both sides look: what is known of the other one may have changed since it was read."""
    report = incident.report
    if peer.number == report.number:
        return _refused("itself", "Name another incident: this is the one itself.")
    if (peer.caller, peer.organisation) == (report.caller, report.organisation):
        return None
    return _refused(
        "another-caller",
        "Only what one caller reported for one organisation is merged; make one a child of the"
        " other instead.",
    )


def _refused(code: str, detail: str) -> Refusal:
    return Refusal(code, detail, field="into")


def evolve(incident: Incident, event: MergingEvent) -> Incident:
    """The incident after this fact."""
    own = incident.belongings
    match event:
        case IncidentMerged(into=into):
            return incident.turned(Merged(into))
        case IncidentTookIn():
            return incident
        case CommentMoved(speaker=speaker, text=text, said_at=said_at):
            comment = Comment(speaker=speaker, text=text, said_at=said_at)
            return incident.owning(comments=(*own.comments, comment))
        case NoteMoved(text=text, noted_at=noted_at):
            note = Note(text=text, noted_at=noted_at)
            return incident.owning(notes=(*own.notes, note))
        case WorkMoved(person=person, minutes=minutes, kind=kind):
            effort = Effort(person=person, minutes=minutes, kind=kind)
            return incident.owning(efforts=(*own.efforts, effort))
        case _:
            assert_never(event)
