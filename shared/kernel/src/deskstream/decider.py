"""What a domain is: commands are decided against a state, facts change the state.

Nothing here knows a clock, a database or a framework: who acts and when comes in beside the
command, and what was refused goes out as a value.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Generic, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from deskstream.input import Input, Moment


class Fact(BaseModel):
    """A past-tense event of a domain.

    `at` says when it happened. A decider leaves it out for "now", which the database dates when
    it stores the fact, and sets it for what is told afterwards. On a fact that comes from the
    store it is always set. It is kept beside the fact's data, not in it.

    `stored` is the name of a type in every store and topic, for ever, as it stands in the
    class: `class IncidentResolved(Fact, stored="incident.resolved.v1")`.
    `internal` marks a type that is for staff only: no requester or customer is shown it.
    """

    stored: ClassVar[str]
    internal: ClassVar[bool] = False

    def __init_subclass__(cls, *, stored: str | None = None, **settings: Any) -> None:  # noqa: ANN401  what pydantic takes
        """Note the stored name, if it has one; a base of several facts has none."""
        super().__init_subclass__(**settings)
        if stored is not None:
            cls.stored = stored

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime | None = Field(default=None, exclude=True)

    @property
    def time(self) -> datetime:
        """When it happened; only for facts that were stored."""
        if self.at is None:
            message = f"{type(self).__name__} was not stored yet, so it has no time"
            raise ValueError(message)
        return self.at

    def in_words(self) -> str:
        """What happened, in a sentence. Who did it, and when, is told beside it."""
        raise NotImplementedError


class Command(Input):
    """Something that is asked of an aggregate. A request's body can be one."""


class ToldAfterwards(Command):
    """A command that may be given after the thing happened: then when, and why only now."""

    happened_at: Moment | None = Field(default=None, description="When it happened, if not now.")
    late_because: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"\S",
        description="Why it is told only now; with `happened_at`, and only then.",
    )

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.happened_at is None) != (self.late_because is None):
            message = "`happened_at` and `late_because` belong together"
            raise ValueError(message)
        return self


class Role(StrEnum):
    """What somebody acts as. A machine is a `service`, and may what its scopes name."""

    REQUESTER = "requester"
    CUSTOMER = "customer"
    AGENT = "agent"
    LEAD = "lead"
    OWNER = "owner"
    AUDITOR = "auditor"
    SERVICE = "service"


ASKERS: Final = frozenset({Role.REQUESTER, Role.CUSTOMER})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or a machine by name, with what its token gave it."""

    name: str
    role: Role
    groups: frozenset[str] = frozenset()
    organisation: str | None = None
    scopes: frozenset[str] = frozenset()


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

    @property
    def moment(self) -> datetime:
        """When the thing happens that a command asks for."""
        return self.at or self.now


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
class Intent(Generic[C]):
    """A command that is to be given to a stream."""

    stream: str
    command: C


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S, E]):
    """One kind of aggregate.

    Args:
        category: first part of its streams' names: `incident` makes `incident-<uuid>`.
        initial: the state before the first fact.
        decide: the facts that a command leads to on an occasion, or why it is refused.
        evolve: the state after a fact.
    """

    category: str
    initial: S
    decide: Callable[[C, Occasion, S], Sequence[E] | Refusal]
    evolve: Callable[[S, E], S]

    def fold(self, facts: Iterable[E], state: S | None = None) -> S:
        """The state after these facts, from `state` or from the beginning."""
        folded = self.initial if state is None else state
        for fact in facts:
            folded = self.evolve(folded, fact)
        return folded
