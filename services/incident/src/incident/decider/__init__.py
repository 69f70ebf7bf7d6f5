"""The life of an incident: `POSSIBLE` says what can happen when, `decide` what follows."""

from collections.abc import Sequence
from functools import partial
from typing import TypeAlias, assert_never

from deskstream.decider import Decider, Occasion, Refusal
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
from incident.decider import conversation, ending, holding, service_levels, triage
from incident.decider.possible import ALREADY_LOGGED, NOT_LOGGED, impossible
from incident.decider.state import State, Unlogged, evolve
from incident.decider.timing import untimely
from incident.events import (
    IncidentCancelled,
    IncidentEvent,
    IncidentResolved,
    IncidentResumed,
    NoteAdded,
    WorkStarted,
)
from incident.terms import STARTER_POLICY, ProcessPolicy, ResumeCause

Decision: TypeAlias = Sequence[IncidentEvent] | Refusal


def incident_decider(
    policy: ProcessPolicy = STARTER_POLICY,
) -> Decider[IncidentCommand, State, IncidentEvent]:
    """The incident process as this policy has it."""
    return Decider(
        category="incident",
        initial=Unlogged(),
        decide=partial(decide, policy=policy),
        evolve=evolve,
    )


def decide(
    command: IncidentCommand, when: Occasion, state: State, policy: ProcessPolicy
) -> Decision:
    """The facts that a command leads to, dated as it was told, or why it is refused."""
    if refusal := impossible(command, state) or untimely(command, when, state, policy):
        return refusal
    decided = _carry_out(command, when, state, policy)
    told_at = when.at
    if isinstance(decided, Refusal) or told_at is None:
        return decided
    return [fact.model_copy(update={"at": told_at}) for fact in decided]


def _carry_out(  # noqa: C901, PLR0911, PLR0912  a case for each command: one screen shows all that can happen
    command: IncidentCommand, when: Occasion, incident: State, policy: ProcessPolicy
) -> Decision:
    if isinstance(incident, Unlogged):
        return triage.log(command, when) if isinstance(command, LogIncident) else NOT_LOGGED
    match command:
        case LogIncident():
            return ALREADY_LOGGED
        case PrioritiseIncident():
            return triage.prioritise(command, when, incident)
        case AssignIncident():
            return triage.assign(command, incident)
        case EscalateIncident():
            return triage.escalate(command, incident)
        case StartWork():
            return [WorkStarted()]
        case PutOnHold():
            return holding.put_on_hold(command, when, incident)
        case ResumeWork():
            return [IncidentResumed(cause=ResumeCause.BY_HAND)]
        case ReturnToQueue():
            return holding.return_to_queue(when, incident)
        case AddComment():
            return conversation.add_comment(command, when, incident)
        case AddNote(text=text):
            return [NoteAdded(text=text)]
        case ResolveIncident(code=code, text=text):
            return [IncidentResolved(code=code, text=text)]
        case ReopenIncident():
            return ending.reopen(command, when, incident, policy)
        case ConfirmResolution():
            return ending.confirm(when, incident)
        case CloseIncident():
            return ending.close(when, policy)
        case CloseByItself():
            return ending.close_by_itself(when, incident, policy)
        case CancelIncident(reason=reason):
            return [IncidentCancelled(reason=reason)]
        case NoteServiceLevelWarning():
            return service_levels.note_warning(command)
        case NoteServiceLevelBreach():
            return service_levels.note_breach(command, incident)
        case NoteBreachCorrection():
            return service_levels.note_correction(command, incident)
        case _:
            assert_never(command)
