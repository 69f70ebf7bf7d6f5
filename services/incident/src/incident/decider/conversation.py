"""What is said to the caller and by the caller."""

from typing import assert_never

from deskstream.decider import Refusal
from incident.commands.conversation import AddComment, AddNote
from incident.decider.people import CONCERNED, IMPORTER, ITSELF, STAFF
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, OnHold
from incident.events.conversation import CommentAdded, ConversationEvent, NoteAdded
from incident.events.holding import IncidentResumed
from incident.terms import HoldReason, ResumeCause, Speaker
from incident.terms.related import Comment, Note


def add_comment(command: AddComment, situation: Situation) -> Decision:
    """The customer's answer ends a hold that awaits it; a history tells itself if work went on."""
    if command.speaker is not None and IMPORTER not in situation.who:
        return Refusal(
            "speaker-is-you",
            "Only an importer tells what others said; leave the speaker out.",
            field="speaker",
        )
    comment = CommentAdded(text=command.text, speaker=command.speaker or _speaker(situation))
    answered = comment.speaker is Speaker.CUSTOMER and IMPORTER not in situation.who
    if answered and _awaits_caller(situation.incident):
        return [comment, IncidentResumed(cause=ResumeCause.CALLER_REPLIED)]
    return [comment]


def _speaker(situation: Situation) -> Speaker:
    """Whom the incident concerns is a customer in it, an agent too."""
    if situation.who & (IMPORTER | ITSELF):
        return Speaker.MACHINE
    is_staff = bool(situation.who & STAFF) and CONCERNED not in situation.who
    return Speaker.AGENT if is_staff else Speaker.CUSTOMER


def _awaits_caller(incident: Incident) -> bool:
    phase = incident.phase
    return isinstance(phase, OnHold) and phase.reason is HoldReason.AWAITING_CALLER


def add_note(command: AddNote, _: Situation) -> Decision:
    """It is kept for staff."""
    return [NoteAdded(text=command.text)]


def evolve(incident: Incident, event: ConversationEvent) -> Incident:
    """The incident after this fact."""
    match event:
        case CommentAdded(speaker=speaker, text=text):
            said = Comment(speaker=speaker, text=text, said_at=event.time)
            return incident.owning(comments=(*incident.belongings.comments, said))
        case NoteAdded(text=text):
            noted = Note(text=text, noted_at=event.time)
            return incident.owning(notes=(*incident.belongings.notes, noted))
        case _:
            assert_never(event)
