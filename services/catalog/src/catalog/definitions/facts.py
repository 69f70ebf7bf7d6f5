"""What can happen to a definition, and its latest version."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeAlias, TypeVar, assert_never

from pydantic import AwareDatetime

from catalog.definitions.terms import Definition
from catalog.terms import Reason, plain
from deskstream.decider import Fact, Occasion, Refusal

D = TypeVar("D", bound=Definition)


@dataclass(frozen=True, slots=True)
class Edition:
    """The number of a version, and from when it is in force."""

    version: int
    effective_from: datetime

    @classmethod
    def first(cls, effective_from: datetime | None, when: Occasion) -> Self:
        """The one that a definition begins with; it may reach back, for histories are imported."""
        return cls(1, effective_from or when.now)


class DefiningFact(Fact, Generic[D]):
    """A fact that brings a version of a definition; its `definition` is the whole of it.

    At any time the version in force is the highest one whose `effective_from` has come.
    """

    opening: ClassVar[str | None] = None

    version: int
    effective_from: AwareDatetime
    definition: D

    @classmethod
    def of(cls, edition: Edition, definition: D) -> Self:
        """The fact that this edition says so."""
        return cls(
            version=edition.version, effective_from=edition.effective_from, definition=definition
        )

    def in_words(self) -> str:
        """What is defined, and from when on unless that is the beginning."""
        since = f"Version {self.version}, in force from {plain(self.effective_from)}:"
        return f"{self.opening or since} {self.definition.in_words()}"


class EndingFact(Fact):
    """The definition holds for nothing that begins at `ends_at` or later."""

    ends_at: AwareDatetime
    reason: Reason

    def in_words(self) -> str:
        """From when on, and why."""
        return f"Retired with effect from {plain(self.ends_at)}: {self.reason}"


DefinitionFact: TypeAlias = DefiningFact[Any] | EndingFact


@dataclass(frozen=True, slots=True)
class Latest(Generic[D]):
    """The latest version of a definition; its time may still be to come.

    Args:
        ends_at: when it retires, if that was said.
    """

    edition: Edition
    definition: D
    ends_at: datetime | None = None

    @classmethod
    def by(cls, fact: DefiningFact[D]) -> Self:
        """The version that a fact brought."""
        return cls(Edition(fact.version, fact.effective_from), fact.definition)

    def says(self, definition: D, effective_from: datetime | None) -> bool:
        """Whether a new version would say nothing new."""
        same_time = effective_from in (None, self.edition.effective_from)
        return same_time and definition == self.definition and self.ends_at is None

    def next_edition(self, effective_from: datetime | None, when: Occasion) -> Edition | Refusal:
        """The edition that follows, if it may be in force from then on."""
        starts = effective_from or when.now
        if objection := self.too_early(starts, when, "effective_from"):
            return objection
        return Edition(self.edition.version + 1, starts)

    def too_early(self, moment: datetime, when: Occasion, field: str) -> Refusal | None:
        """Why nothing can change from that moment on, if nothing can."""
        if moment < when.now:
            return Refusal(
                "effective-in-the-past",
                f"A change reaches what begins after it only, so it cannot be in force from "
                f"{plain(moment)}; give a time from {plain(when.now)} on, or none for now.",
                field=field,
            )
        if moment < self.edition.effective_from:
            return Refusal(
                "effective-before-the-latest-version",
                f"Version {self.edition.version} is in force from "
                f"{plain(self.edition.effective_from)}; give that time or a later one.",
                field=field,
            )
        return None


def latest_after(state: Latest[D] | None, fact: DefinitionFact) -> Latest[D] | None:
    """The latest version after a fact."""
    match fact:
        case DefiningFact():
            return Latest.by(fact)
        case EndingFact():
            return state and replace(state, ends_at=fact.ends_at)
        case _:
            assert_never(fact)
