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
from incident.commands.conversion import ConvertToRequest
from incident.commands.ending import (
    CancelIncident,
    CloseByItself,
    CloseIncident,
    ConfirmResolution,
    ReopenIncident,
    ResolveIncident,
)
from incident.commands.family import (
    BecomeChild,
    LeaveParent,
    MakeDependent,
    MakeIndependent,
    NoteChildLeft,
    ResolveWithParent,
    TakeChild,
)
from incident.commands.holding import PutOnHold, RemindCaller, ResumeWork, ReturnToQueue
from incident.commands.links import LinkIncident, UnlinkIncident
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
from incident.commands.merging import MergeInto, TakeIn
from incident.commands.overriding import EndOverride, ExpireOverride, OverridePriority
from incident.commands.service_levels import (
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
    NoteSuspicion,
    NoteSuspicionCleared,
)
from incident.commands.triage import (
    AssignIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
    ReclassifyIncident,
    TakeIncident,
)
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.commands.work import RecordWork, StartWork
from incident.decider import (
    conversation,
    conversion,
    ending,
    family,
    holding,
    links,
    major,
    merging,
    overriding,
    service_levels,
    triage,
    watching,
    work,
)
from incident.decider.people import ANYBODY, CONCERNED, IMPORTER, ITSELF, LEAD, STAFF, Who
from incident.decider.situation import Decision, Situation
from incident.terms import Status

C = TypeVar("C", bound=Command)
NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELLED, MERGED, CONVERTED = Status
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
OVER: Final = (RESOLVED, CLOSED, CANCELLED, MERGED, CONVERTED)
AFFECTED: Final = CONCERNED | DESK
LEADING: Final = LEAD | IMPORTER
NOT_CANCELLED: Final = (*TALKED_ABOUT, CLOSED)
# Another tool may have let people judge, assign and talk on after the end, and a history tells it.
ELSEWHERE: Final = by(IMPORTER, *OVER)
TRIAGE: Final = {**ELSEWHERE, **by(DESK, *OPEN)}
REMARKS: Final = {**ELSEWHERE, **by(DESK, *TALKED_ABOUT)}
SPEAKING: Final = {**ELSEWHERE, **by(ANYBODY | IMPORTER | ITSELF, *TALKED_ABOUT)}
WATCHING: Final = {**ELSEWHERE, **by(ANYBODY | IMPORTER, *TALKED_ABOUT)}
REOPENING: Final = {**by(AFFECTED, RESOLVED), **by(LEADING, CLOSED)}

# fmt: off
_WAYS = (
    way(LogIncident,             "log it",                        {},                          LATE, triage.log_again),
    way(PrioritiseIncident,      "judge its impact and urgency",  TRIAGE,                      NOW,  triage.prioritise),
    way(OverridePriority,        "override its priority",         by(LEADING, *OPEN),          NOW,  overriding.override),
    way(EndOverride,             "end the override",              by(LEADING, *OPEN),          NOW,  overriding.end),
    way(ExpireOverride,          "let the override expire",       by(ITSELF, *Status),         NOW,  overriding.expire),
    way(ReclassifyIncident,      "classify it anew",              TRIAGE,                      NOW,  triage.reclassify),
    way(AssignIncident,          "assign it",                     TRIAGE,                      NOW,  triage.assign),
    way(TakeIncident,            "take it",                       by(STAFF, *OPEN),            NOW,  triage.take),
    way(EscalateIncident,        "escalate it",                   by(DESK, *OPEN),             NOW,  triage.escalate),
    way(StartWork,               "start work",                    by(DESK, NEW),               NOW,  work.start),
    way(RecordWork,              "record work",                   REMARKS,                     NOW,  work.record),
    way(PutOnHold,               "put it on hold",                by(DESK, *OPEN),             LATE, holding.put_on_hold),
    way(ResumeWork,              "resume work",                   by(DESK, ON_HOLD),           NOW,  holding.resume),
    way(ReturnToQueue,           "return it to the queue",        by(ITSELF, ON_HOLD),         NOW,  holding.return_to_queue),
    way(RemindCaller,            "remind the caller",             by(ITSELF, ON_HOLD),         NOW,  holding.remind),
    way(AddComment,              "comment on it",                 SPEAKING,                    LATE, conversation.add_comment),
    way(AddNote,                 "add a note",                    REMARKS,                     NOW,  conversation.add_note),
    way(WatchIncident,           "watch it",                      WATCHING,                    NOW,  watching.watch),
    way(UnwatchIncident,         "stop watching it",              WATCHING,                    NOW,  watching.unwatch),
    way(LinkIncident,            "link it",                       REMARKS,                     NOW,  links.link),
    way(UnlinkIncident,          "unlink it",                     REMARKS,                     NOW,  links.unlink),
    way(ResolveIncident,         "resolve it",                    by(DESK, *OPEN),             LATE, ending.resolve),
    way(ReopenIncident,          "reopen it",                     REOPENING,                   NOW,  ending.reopen),
    way(ConfirmResolution,       "confirm the resolution",        by(CONCERNED, RESOLVED),     NOW,  ending.confirm),
    way(CloseIncident,           "close it",                      by(LEADING, RESOLVED),       NOW,  ending.close),
    way(CloseByItself,           "let it close by itself",        by(ITSELF, RESOLVED),        NOW,  ending.close_by_itself),
    way(CancelIncident,          "cancel it",                     by(AFFECTED, *OPEN),         NOW,  ending.cancel),
    way(ConvertToRequest,        "convert it to a request",       by(DESK, *OPEN),             NOW,  conversion.convert),
    way(BecomeChild,             "make it a child",               by(DESK | ITSELF, *OPEN),    NOW,  family.become_child),
    way(TakeChild,               "give it a child",               by(DESK | ITSELF, *OPEN),    NOW,  family.take_child),
    way(LeaveParent,             "let it leave its parent",       by(DESK, *NOT_CANCELLED),    NOW,  family.leave),
    way(MakeIndependent,         "make it independent",           by(DESK, *OPEN),             NOW,  family.make_independent),
    way(MakeDependent,           "make it dependent",             by(DESK, *OPEN),             NOW,  family.make_dependent),
    way(NoteChildLeft,           "note that a child left",        by(ITSELF, *Status),         NOW,  family.note_child_left),
    way(ResolveWithParent,       "resolve it with its parent",    by(ITSELF, *Status),         NOW,  family.resolve_with_parent),
    way(MergeInto,               "merge it into another",         by(DESK, *OPEN),             NOW,  merging.merge_into),
    way(TakeIn,                  "merge another into it",         by(DESK, *OPEN),             NOW,  merging.take_in),
    way(ProposeMajor,            "propose it as major",           by(DESK | ITSELF, *OPEN),    NOW,  major.propose),
    way(DeclineMajor,            "decline it as major",           by(LEADING, *OPEN),          NOW,  major.decline),
    way(DeclareMajor,            "declare it major",              by(LEADING, *OPEN),          NOW,  major.declare),
    way(NotifyManagement,        "notify management",             by(DESK, *NOT_CANCELLED),    NOW,  major.notify),
    way(GiveMajorUpdate,         "give an update on it as major", by(DESK, *NOT_CANCELLED),    NOW,  major.update),
    way(RemindOfMajorUpdate,     "remind of an update on it",     by(ITSELF, *NOT_CANCELLED),  NOW,  major.remind),
    way(StandDownMajor,          "stand it down as major",        by(LEADING, *NOT_CANCELLED), NOW,  major.stand_down),
    way(ReviewMajor,             "review it as major",            by(LEADING, *NOT_CANCELLED), NOW,  major.review),
    way(NoteServiceLevelWarning, "note a warning",                by(ITSELF, *Status),         NOW,  service_levels.note_warning),
    way(NoteSuspicion,           "note a suspicion",              by(ITSELF, *Status),         NOW,  service_levels.note_suspicion),
    way(NoteSuspicionCleared,    "clear a suspicion",             by(ITSELF, *Status),         NOW,  service_levels.note_cleared),
    way(NoteServiceLevelBreach,  "note a breach",                 by(ITSELF, *Status),         NOW,  service_levels.note_breach),
    way(NoteBreachCorrection,    "note that a breach was none",   by(ITSELF, *Status),         NOW,  service_levels.note_correction),
)
# fmt: on

LIFE: Final[Mapping[type[IncidentCommand], Way]] = {one.command: one for one in _WAYS}
