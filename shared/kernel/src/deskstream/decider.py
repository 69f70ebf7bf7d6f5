"""What a domain is: commands are decided against a state, facts change the state.

Nothing here knows a clock, a database or a framework: who acts and when comes in with the
command, and what was refused goes out as a value.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Fact(BaseModel):
    """A past-tense event of a domain.

    `at` says when it happened. A decider leaves it out for "now", which the database dates when
    it stores the fact, and sets it for what is told afterwards. On a fact that comes from the
    store it is always set. It is kept beside the fact's data, not in it.

    `internal` marks a type that is for staff only: no requester or customer is shown it.
    """

    internal: ClassVar[bool] = False

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime | None = Field(default=None, exclude=True)

    @property
    def time(self) -> datetime:
        """When it happened; only for facts that were stored."""
        if self.at is None:
            message = f"{type(self).__name__} was not stored yet, so it has no time"
            raise ValueError(message)
        return self.at


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or a machine by name, with the role and groups its token gave it."""

    name: str
    role: str
    groups: frozenset[str] = frozenset()
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """The circumstances of a command.

    Args:
        by: who gives it.
        now: the database's time when the command was taken up.
        at: when the thing happened, if that is told afterwards; else None.
    """

    by: Actor
    now: datetime
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that the process does not allow.

    Args:
        code: stable and machine-readable, in kebab-case.
        detail: a sentence that says why, and what is possible instead.
        field: the field of the command that was wrong, if one was.
        retry_after: seconds after which the same command may succeed, if waiting can help.
    """

    code: str
    detail: str
    field: str | None = None
    retry_after: int | None = None


C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Fact)


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S, E]):
    """One kind of aggregate.

    Args:
        category: first part of its streams' names: `incident` makes `incident-<uuid>`.
        initial: the state before the first fact.
        decide: the facts that a command leads to, or why it is refused.
        evolve: the state after a fact.
    """

    category: str
    initial: S
    decide: Callable[[C, S], Sequence[E] | Refusal]
    evolve: Callable[[S, E], S]

    def fold(self, facts: Iterable[E], state: S | None = None) -> S:
        """The state after these facts, from `state` or from the beginning."""
        folded = self.initial if state is None else state
        for fact in facts:
            folded = self.evolve(folded, fact)
        return folded
