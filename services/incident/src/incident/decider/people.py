"""Who asks something of an incident: what the process knows a person or machine as."""

from collections.abc import Mapping
from enum import Flag, auto
from typing import Final

from deskstream.decider import ASKERS, Actor, Role
from incident.decider.state import Incident, State

IMPORTING: Final = "import"


class Who(Flag):
    """Those whom a rule admits."""

    CONCERNED = auto()
    ASKER = auto()
    AGENT = auto()
    LEAD = auto()
    IMPORTER = auto()
    ITSELF = auto()


CONCERNED, ASKER, LEAD, IMPORTER, ITSELF = (
    Who.CONCERNED,
    Who.ASKER,
    Who.LEAD,
    Who.IMPORTER,
    Who.ITSELF,
)
STAFF: Final = Who.AGENT | Who.LEAD
ANYBODY: Final = ASKER | STAFF

IN_WORDS: Final[Mapping[Who, str]] = {
    CONCERNED: "the caller or the person it was logged for",
    ASKER: "who asks for help",
    Who.AGENT: "an agent",
    LEAD: "a lead",
    IMPORTER: "an importer",
    ITSELF: "the service itself",
}
_BY_ROLE: Final[Mapping[Role, Who]] = {
    **dict.fromkeys(ASKERS, ASKER),
    Role.AGENT: Who.AGENT,
    Role.LEAD: LEAD,
}


def known_as(actor: Actor, state: State) -> Who:
    """All that this actor is to this incident."""
    if actor.role is Role.SERVICE:
        return IMPORTER if IMPORTING in actor.scopes else ITSELF
    itself = _BY_ROLE.get(actor.role, Who(0))
    concerned = isinstance(state, Incident) and state.concerns(actor)
    return itself | CONCERNED if concerned and itself else itself


def roles_of(who: Who) -> frozenset[Role]:
    """The roles of people among whom there may be some of these."""
    people = ANYBODY if CONCERNED in who else who
    return frozenset(role for role, one in _BY_ROLE.items() if one in people)


def in_words(who: Who) -> str:
    """These, in a sentence."""
    *others, last = [IN_WORDS[one] for one in who]
    return f"{', '.join(others)} or {last}" if others else last
