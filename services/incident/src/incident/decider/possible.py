"""Which command is possible in which state, and what to say when one is not."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from deskstream.decider import Refusal
from incident.commands import (
    AddComment,
    AddNote,
    AssignIncident,
    CancelIncident,
    CloseByItself,
    CloseIncident,
    ConfirmResolution,
    EscalateIncident,
    IncidentCommand,
    LogIncident,
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
    PrioritiseIncident,
    PutOnHold,
    ReopenIncident,
    ResolveIncident,
    ResumeWork,
    ReturnToQueue,
    StartWork,
)
from incident.decider.state import Incident, State, Unlogged
from incident.terms import Status

CommandTypes: TypeAlias = tuple[type[IncidentCommand], ...]

TRIAGE: Final[CommandTypes] = (PrioritiseIncident, AssignIncident, EscalateIncident)
TALK: Final[CommandTypes] = (AddComment, AddNote)
REMARKS: Final[CommandTypes] = (
    NoteServiceLevelWarning,
    NoteServiceLevelBreach,
    NoteBreachCorrection,
)
BY_THEMSELVES: Final[CommandTypes] = (ReturnToQueue, CloseByItself, *REMARKS)
"""What nobody asks for, and so is offered to nobody."""

POSSIBLE: Final[Mapping[Status, CommandTypes]] = {
    Status.NEW: (
        StartWork,
        PutOnHold,
        ResolveIncident,
        CancelIncident,
        *TRIAGE,
        *TALK,
        *REMARKS,
    ),
    Status.IN_PROGRESS: (
        PutOnHold,
        ResolveIncident,
        CancelIncident,
        *TRIAGE,
        *TALK,
        *REMARKS,
    ),
    Status.ON_HOLD: (
        ResumeWork,
        ReturnToQueue,
        PutOnHold,
        ResolveIncident,
        CancelIncident,
        *TRIAGE,
        *TALK,
        *REMARKS,
    ),
    Status.RESOLVED: (
        ReopenIncident,
        ConfirmResolution,
        CloseIncident,
        CloseByItself,
        *TALK,
        *REMARKS,
    ),
    Status.CLOSED: (ReopenIncident, *REMARKS),
    Status.CANCELLED: REMARKS,
}

IN_WORDS: Final[Mapping[type[IncidentCommand], str]] = {
    LogIncident: "log it",
    PrioritiseIncident: "judge its impact and urgency",
    AssignIncident: "assign it",
    EscalateIncident: "escalate it",
    StartWork: "start work",
    PutOnHold: "put it on hold",
    ResumeWork: "resume work",
    ReturnToQueue: "return it to the queue",
    AddComment: "comment on it",
    AddNote: "add a note",
    ResolveIncident: "resolve it",
    ReopenIncident: "reopen it",
    ConfirmResolution: "confirm the resolution",
    CloseIncident: "close it",
    CloseByItself: "let it close by itself",
    CancelIncident: "cancel it",
    NoteServiceLevelWarning: "note a warning",
    NoteServiceLevelBreach: "note a breach",
    NoteBreachCorrection: "note that a breach was none",
}

NOT_LOGGED: Final = Refusal("not-logged", "There is no such incident; log it first.")
ALREADY_LOGGED: Final = Refusal("already-logged", "This incident was logged before.")


def impossible(command: IncidentCommand, state: State) -> Refusal | None:
    """Why this command is not possible in this state at all, if it is not."""
    if isinstance(state, Unlogged):
        return None if isinstance(command, LogIncident) else NOT_LOGGED
    if isinstance(command, LogIncident):
        return ALREADY_LOGGED
    if isinstance(command, POSSIBLE[state.status]):
        return None
    return Refusal("not-possible-now", f"{_what_is(command, state)} {_what_can_be(state)}")


def _what_is(command: IncidentCommand, incident: Incident) -> str:
    status = incident.status.replace("_", " ")
    return f"The incident is {status}, so you cannot {IN_WORDS[type(command)]}."


def _what_can_be(incident: Incident) -> str:
    offered = [
        IN_WORDS[possible]
        for possible in POSSIBLE[incident.status]
        if possible not in BY_THEMSELVES
    ]
    if not offered:
        return "Nothing more can happen to it; if the trouble returns, log a new one."
    return f"Possible now: {', '.join(offered)}."
