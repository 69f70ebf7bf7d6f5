"""What a definition says of itself, and what the catalogue holds besides it."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from catalog.terms import Name, Term


class Reference(NamedTuple):
    """A definition that another one names.

    Args:
        field: where it names it.
        kind: the category of what is named.
        above: whether it is of the same kind and stands above, as a parent does.
    """

    field: str
    kind: str
    id: UUID
    above: bool = False


class Handle(NamedTuple):
    """What people and files call a definition by; no two of a kind have the same."""

    field: str
    value: str


class Definition(Term):
    """What is defined, whole; a base for every kind of it."""

    name: Name

    def in_words(self) -> str:
        """What it says, for a history."""
        raise NotImplementedError

    def references(self) -> Sequence[Reference]:
        """The definitions that it names."""
        return ()

    @property
    def above(self) -> UUID | None:
        """What it stands below, if anything."""
        return next((named.id for named in self.references() if named.above), None)

    @property
    def expires(self) -> datetime | None:
        """When it ends by itself, if it does."""
        return None

    @property
    def handle(self) -> Handle | None:
        """By which it is found without knowing its id, if it has one."""
        return None


class Promised(NamedTuple):
    """The longest target, in seconds, that an agreement has by a calendar."""

    agreement: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the catalogue holds besides the definition that a command is about.

    Args:
        own: its id.
        standing: those of the definitions it names that exist and are not retired.
        line: what it is to stand below, and what that stands below, as far as they are known.
        namesake: the name of another one of its kind that has its handle.
        relying: the names of definitions that name it.
        promised: of a calendar, what agreements promise by it.
    """

    own: UUID
    standing: AbstractSet[UUID] = frozenset()
    line: Sequence[UUID] = ()
    namesake: str | None = None
    relying: Sequence[str] = ()
    promised: Sequence[Promised] = ()
