"""What the process asks of the role in which somebody acts."""

from typing import Final

from deskstream.decider import ASKERS, Actor, Role

STAFF: Final = frozenset({Role.AGENT, Role.LEAD})


def works_on_incidents(actor: Actor) -> bool:
    """Whether they solve incidents, rather than suffer from them."""
    return actor.role in STAFF


def leads(actor: Actor) -> bool:
    """Whether they decide where the process leaves a choice."""
    return actor.role is Role.LEAD


def asks(actor: Actor) -> bool:
    """Whether they come to the service desk with troubles of their own, or of those they know."""
    return actor.role in ASKERS


def is_machine(actor: Actor) -> bool:
    """Whether no person acts."""
    return actor.role is Role.SERVICE
