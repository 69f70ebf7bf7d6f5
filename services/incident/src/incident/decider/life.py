"""The life of an incident on one screen: what can be asked when, by whom, and what answers."""

# ruff: noqa: E501  the table is read in lines

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import reduce
from operator import or_
from typing import Any, Final, TypeVar

from deskstream.decider import Command
from incident.commands import IncidentCommand
from incident.commands.conversation import AddComment, AddNote
from incident.commands.ending import (
    CancelIncident,
    CloseByItself,
    CloseIncident,
    ConfirmResolution,
    ReopenIncident,
    ResolveIncident,
)
from incident.commands.holding import PutOnHold, ResumeWork, ReturnToQueue
from incident.commands.service_levels import (
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
)
from incident.commands.triage import (
    AssignIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
    ReclassifyIncident,
    TakeIncident,
)
from incident.commands.work import StartWork
from incident.decider import conversation, ending, holding, service_levels, triage, work
from incident.decider.people import ANYBODY, CONCERNED, IMPORTER, ITSELF, LEAD, STAFF, Who
from incident.decider.situation import Decision, Situation
from incident.terms import Status

C = TypeVar("C", bound=Command)
NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELLED = Status
OPEN: Final = (NEW, IN_PROGRESS, ON_HOLD)
TALKED_ABOUT: Final = (*OPEN, RESOLVED)


class Late(Enum):
    """Whether people can tell it afterwards; an importer can in any case."""

    YES = auto()
    NO = auto()


LATE, NOW = Late


@dataclass(frozen=True, slots=True)
class Way:
    """What can be asked.

    Args:
        command: that asks for it.
        words: to go on after "you cannot".
        who: may ask, by the state that it can be asked in.
        late: whether people can tell it afterwards.
        does: decides it.
    """

    command: type[Any]
    words: str
    who: Mapping[Status, Who]
    late: Late
    does: Callable[[Any, Situation], Decision]

    @property
    def anybody(self) -> Who:
        """All who may ask it in some state; to log, that is before there is any."""
        return reduce(or_, self.who.values(), Who(0)) or ANYBODY | IMPORTER


def way(
    command: type[C],
    words: str,
    who: Mapping[Status, Who],
    late: Late,
    does: Callable[[C, Situation], Decision],
) -> Way:
    """A line of the table, whose command is the one that is decided."""
    return Way(command, words, who, late, does)


def by(who: Who, *states: Status) -> Mapping[Status, Who]:
    """These may, in these states."""
    return dict.fromkeys(states, who)


DESK: Final = STAFF | IMPORTER
AFFECTED: Final = CONCERNED | DESK
SPEAKING: Final = ANYBODY | IMPORTER | ITSELF
CLOSING: Final = LEAD | IMPORTER
REOPENING: Final = {**by(AFFECTED, RESOLVED), **by(CLOSING, CLOSED)}

# fmt: off
_WAYS = (
    way(LogIncident,             "log it",                        {},                          LATE, triage.log_again),
    way(PrioritiseIncident,      "judge its impact and urgency",  by(DESK, *OPEN),             NOW,  triage.prioritise),
    way(ReclassifyIncident,      "classify it anew",              by(DESK, *OPEN),             NOW,  triage.reclassify),
    way(AssignIncident,          "assign it",                     by(DESK, *OPEN),             NOW,  triage.assign),
    way(TakeIncident,            "take it",                       by(STAFF, *OPEN),            NOW,  triage.take),
    way(EscalateIncident,        "escalate it",                   by(DESK, *OPEN),             NOW,  triage.escalate),
    way(StartWork,               "start work",                    by(DESK, NEW),               NOW,  work.start),
    way(PutOnHold,               "put it on hold",                by(DESK, *OPEN),             LATE, holding.put_on_hold),
    way(ResumeWork,              "resume work",                   by(DESK, ON_HOLD),           NOW,  holding.resume),
    way(ReturnToQueue,           "return it to the queue",        by(ITSELF, ON_HOLD),         NOW,  holding.return_to_queue),
    way(AddComment,              "comment on it",                 by(SPEAKING, *TALKED_ABOUT), LATE, conversation.add_comment),
    way(AddNote,                 "add a note",                    by(DESK, *TALKED_ABOUT),     NOW,  conversation.add_note),
    way(ResolveIncident,         "resolve it",                    by(DESK, *OPEN),             LATE, ending.resolve),
    way(ReopenIncident,          "reopen it",                     REOPENING,                   NOW,  ending.reopen),
    way(ConfirmResolution,       "confirm the resolution",        by(CONCERNED, RESOLVED),     NOW,  ending.confirm),
    way(CloseIncident,           "close it",                      by(CLOSING, RESOLVED),       NOW,  ending.close),
    way(CloseByItself,           "let it close by itself",        by(ITSELF, RESOLVED),        NOW,  ending.close_by_itself),
    way(CancelIncident,          "cancel it",                     by(AFFECTED, *OPEN),         NOW,  ending.cancel),
    way(NoteServiceLevelWarning, "note a warning",                by(ITSELF, *Status),         NOW,  service_levels.note_warning),
    way(NoteServiceLevelBreach,  "note a breach",                 by(ITSELF, *Status),         NOW,  service_levels.note_breach),
    way(NoteBreachCorrection,    "note that a breach was none",   by(ITSELF, *Status),         NOW,  service_levels.note_correction),
)
# fmt: on

LIFE: Final[Mapping[type[IncidentCommand], Way]] = {one.command: one for one in _WAYS}
