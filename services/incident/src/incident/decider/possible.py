"""What can be asked of an incident now and by whom, and what to say when something cannot."""

from typing import Any, Final

from deskstream.decider import Actor, Refusal
from incident.commands.family import LeaveParent, MakeDependent, MakeIndependent
from incident.commands.overriding import EndOverride
from incident.decider.life import LIFE, Way
from incident.decider.major import ADMITTED
from incident.decider.people import IMPORTER, Who, in_words, known_as
from incident.decider.state import Child, Incident, State, Unlogged
from incident.events.words import plain

NOT_LOGGED: Final = Refusal("not-logged", "There is no such incident; log it first.")
OF_A_CHILD: Final = (LeaveParent, MakeDependent, MakeIndependent)


def impossible(way: Way, by: Actor, state: State) -> Refusal | None:
    """Why nobody, or not this actor, can go this way now, if that is so."""
    if isinstance(state, Unlogged):
        return NOT_LOGGED if way.who else _not_theirs(way, by, state)
    if not way.who:
        return None
    who, known = way.who.get(state.status, Who(0)), known_as(by, state)
    # What only a history can tell is nothing that people have a right to, or have not.
    if not (who & ~IMPORTER or who & known):
        return Refusal("not-possible-now", f"{_what_is(way, state)} {_what_can_be(by, state)}")
    return _not_theirs(way, by, state)


def _not_theirs(way: Way, by: Actor, state: State) -> Refusal | None:
    who = way.anybody if isinstance(state, Unlogged) else way.who[state.status]
    if known_as(by, state) & who:
        return None
    offer = f" {_what_can_be(by, state)}" if isinstance(state, Incident) else ""
    return Refusal("not-yours-to-do", f"Only {in_words(who)} can {way.words}.{offer}")


def _what_is(way: Way, incident: Incident) -> str:
    return f"The incident is {plain(incident.status)}, so you cannot {way.words}."


def _what_can_be(by: Actor, incident: Incident) -> str:
    """Possible for this actor."""
    known = known_as(by, incident)
    offered = [
        way.words
        for way in LIFE.values()
        if incident.status in way.who
        and known & way.who[incident.status]
        and _is_there_for(way.command, incident)
    ]
    if offered:
        return f"Possible for you now: {', '.join(offered)}."
    return f"If the trouble returns, log a new one that follows {incident.report.number}."


def _is_there_for(command: type[Any], incident: Incident) -> bool:
    """Whether it has what this is about: a parent, an override, its stage as a major incident."""
    if command in OF_A_CHILD:
        return isinstance(incident.family, Child)
    if command is EndOverride:
        return incident.override is not None
    return command not in ADMITTED or incident.major in ADMITTED[command]
