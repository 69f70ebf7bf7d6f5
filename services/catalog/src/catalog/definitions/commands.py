"""What can be asked of every kind of definition."""

from typing import Any, Generic, TypeAlias

from catalog.definitions.facts import D
from catalog.definitions.terms import Surroundings
from catalog.terms import Reason
from deskstream.decider import Command
from deskstream.input import Moment


class Define(Command, Generic[D]):
    """Introduce it, in force from a moment on, which may lie in the past; else at once."""

    definition: D
    surroundings: Surroundings
    effective_from: Moment | None = None


class Redefine(Command, Generic[D]):
    """Say something else of it from a moment on; of what is retired, that it is back."""

    definition: D
    surroundings: Surroundings
    effective_from: Moment | None = None


class Retire(Command):
    """End it from a moment on, at once if none is given."""

    reason: Reason
    surroundings: Surroundings
    ends_at: Moment | None = None


DefinitionCommand: TypeAlias = Define[Any] | Redefine[Any] | Retire
