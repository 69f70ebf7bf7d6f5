"""The steps of the account as commands, and as requests over HTTP."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from several_incidents import CALLERS, Step

from incident.commands import IncidentCommand
from incident.commands.conversation import AddComment, AddNote
from incident.commands.conversion import ConvertToRequest
from incident.commands.ending import (
    CancelIncident,
    CloseIncident,
    ReopenIncident,
    ResolveIncident,
)
from incident.commands.family import (
    BecomeChild,
    LeaveParent,
    MakeDependent,
    MakeIndependent,
    TakeChild,
)
from incident.commands.holding import PutOnHold, ResumeWork
from incident.commands.links import LinkIncident, UnlinkIncident
from incident.commands.major import (
    DeclareMajor,
    DeclineMajor,
    ProposeMajor,
    ReviewMajor,
    StandDownMajor,
)
from incident.commands.merging import MergeInto, TakeIn
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.commands.work import RecordWork, StartWork
from incident.terms.related import Belongings, Peer

SAID = {"text": "{}"}
WATCHER = {"person": "{}"}
LINK = {"kind": "problem", "to": "{}"}
# By kind of step: the command, the noun of its route, and its body.
ALONE: Mapping[str, tuple[type[IncidentCommand], str, Mapping[str, Any]]] = {
    "start": (StartWork, "start", {}),
    "hold": (PutOnHold, "hold", {"reason": "other", **SAID}),
    "resume": (ResumeWork, "resumption", {}),
    "close": (CloseIncident, "closure", {}),
    "resolve": (ResolveIncident, "resolution", {"code": "fixed", **SAID}),
    "reopen": (ReopenIncident, "reopening", {"reason": "{}"}),
    "cancel": (CancelIncident, "cancellation", {"reason": "{}"}),
    "convert": (ConvertToRequest, "conversion", {"reason": "{}"}),
    "comment": (AddComment, "comments", SAID),
    "note": (AddNote, "notes", SAID),
    "work": (RecordWork, "work", {"minutes": 10, "kind": "repair"}),
    "watch": (WatchIncident, "watchers", WATCHER),
    "unwatch": (UnwatchIncident, "unwatching", WATCHER),
    "link": (LinkIncident, "links", LINK),
    "unlink": (UnlinkIncident, "unlinking", LINK),
    "leave": (LeaveParent, "departure", {}),
    "make independent": (MakeIndependent, "independence", {}),
    "make dependent": (MakeDependent, "dependence", {}),
    "propose": (ProposeMajor, "major/proposal", {"because": "{}"}),
    "decline": (DeclineMajor, "major/refusal", {"because": "{}"}),
    "declare": (
        DeclareMajor,
        "major/declaration",
        {"business_impact": "{}", "commander": "Eve", "notified": ["Mara"]},
    ),
    "stand down": (StandDownMajor, "major/end", SAID),
    "review": (ReviewMajor, "major/review", {"findings": "{}"}),
}


def body_of(step: Step) -> dict[str, Any]:
    """Of the request, with what is said."""
    _, _, body = ALONE[step.kind]
    return {name: step.said if value == "{}" else value for name, value in body.items()}


def command_of(step: Step) -> IncidentCommand:
    """What is asked of one alone."""
    command, _, _ = ALONE[step.kind]
    return command(**body_of(step))


def peer(nth: int, caller: str) -> Peer:
    """An incident as the others see it."""
    number, organisation = f"INC{nth + 1:07}", CALLERS[caller]
    return Peer(id=UUID(int=nth + 1), number=number, caller=caller, organisation=organisation)


def commands_together(step: Step, one: Peer, other: Peer, moving: Belongings) -> list[Any]:
    """What is asked of the two, in this order."""
    if step.kind == "join":
        independent = step.said == "independent"
        return [BecomeChild(parent=other.ref, independent=independent), TakeChild(child=one.ref)]
    return [
        MergeInto(survivor=other, belongings=moving),
        TakeIn(duplicate=one, belongings=moving),
    ]
