"""The life of an incident: `life` says what can happen when, the file of a subject what follows."""

from functools import partial

from deskstream.decider import Decider, Occasion, Refusal
from incident.commands import IncidentCommand
from incident.commands.triage import LogIncident
from incident.decider import triage
from incident.decider.evolving import evolve
from incident.decider.life import LIFE
from incident.decider.possible import NOT_LOGGED, impossible
from incident.decider.situation import Decision, Situation
from incident.decider.state import State, Unlogged
from incident.decider.timing import untimely
from incident.events import IncidentEvent
from incident.terms import STARTER_POLICY, ProcessPolicy


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
    way = LIFE[type(command)]
    if refusal := impossible(way, when.by, state) or untimely(way, when, state, policy):
        return refusal
    if isinstance(state, Unlogged):
        decided = _begun(command, when, policy)
    else:
        decided = way.does(command, Situation(state, when, policy))
    if isinstance(decided, Refusal) or when.at is None:
        return decided
    return [fact.model_copy(update={"at": when.at}) for fact in decided]


def _begun(command: IncidentCommand, when: Occasion, policy: ProcessPolicy) -> Decision:
    return triage.log(command, when, policy) if isinstance(command, LogIncident) else NOT_LOGGED
