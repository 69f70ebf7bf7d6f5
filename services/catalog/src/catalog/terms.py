"""Words that the catalog's aggregates share: names, versions, places in a tree, working time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Generic, Self, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from deskstream.decider import Fact, Occasion, Refusal
from deskstream_worktime import WorkCalendar, WorktimeError

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

HIGHEST_PRIORITY = 1
LOWEST_PRIORITY = 5


class Term(BaseModel):
    """A value that commands and facts carry; what a newer release added to it is overlooked."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Level(StrEnum):
    """How wide an impact, or how pressing an urgency."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


D = TypeVar("D", bound=Term)


@dataclass(frozen=True, slots=True)
class Edition:
    """The number of a version, and from when it is in force."""

    version: int
    effective_from: datetime


class DefiningFact(Fact, Generic[D]):
    """A fact that brings a version of a policy; its `definition` is the whole of it.

    At any time the version in force is the highest one whose `effective_from` has come.
    """

    version: int
    effective_from: AwareDatetime
    definition: D

    @classmethod
    def of(cls, edition: Edition, definition: D) -> Self:
        """The fact that this edition says so."""
        return cls(
            version=edition.version, effective_from=edition.effective_from, definition=definition
        )


@dataclass(frozen=True, slots=True)
class Latest(Generic[D]):
    """The latest version of a policy; its time may still be to come."""

    edition: Edition
    definition: D

    @classmethod
    def by(cls, fact: DefiningFact[D]) -> Self:
        """The version that a fact brought."""
        return cls(Edition(fact.version, fact.effective_from), fact.definition)

    def says(self, definition: D, effective_from: datetime | None) -> bool:
        """Whether a new version would say nothing new."""
        same_time = effective_from in (None, self.edition.effective_from)
        return same_time and definition == self.definition

    def next_edition(self, effective_from: datetime | None, when: Occasion) -> Edition | Refusal:
        """The edition that follows, if it may be in force from then on."""
        starts = effective_from or when.now
        if starts < when.now:
            return Refusal(
                "effective-in-the-past",
                f"A new version reaches new tickets only, so it cannot be in force from "
                f"{plain(starts)}; give a time from {plain(when.now)} on, or none for now.",
                field="effective_from",
            )
        if starts < self.edition.effective_from:
            return Refusal(
                "effective-before-the-latest-version",
                f"Version {self.edition.version} is in force from "
                f"{plain(self.edition.effective_from)}; give that time or a later one.",
                field="effective_from",
            )
        return Edition(self.edition.version + 1, starts)


def first_edition(effective_from: datetime | None, when: Occasion) -> Edition:
    """The edition that a policy begins with; it may reach back, for histories are imported."""
    return Edition(1, effective_from or when.now)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a tree.

    Args:
        own: who is to stand there.
        above: its parent and the parent's ancestors, as far as they are known.
    """

    own: UUID
    above: Sequence[UUID] = ()

    def objection(self, parent: UUID | None) -> Refusal | None:
        """Why it cannot stand below that parent, if it cannot."""
        if parent is None:
            return None
        if self.own in (parent, *self.above):
            return Refusal(
                "parent-is-below",
                f"{parent} is {self.own} itself or stands below it; choose a parent elsewhere.",
                field="parent",
            )
        if parent not in self.above:
            return Refusal(
                "unknown-parent",
                f"There is no {parent} to stand below; register it first.",
                field="parent",
            )
        return None


Window = tuple[str, str]
Day = tuple[Window, ...]


class WorkingTime(Term):
    """When people work, in local wall time, as people write it.

    Args:
        timezone: IANA name.
        hours: windows by weekday, `mon` to `sun`; a weekday that is absent is closed.
        holidays: `2026-12-25`, or `12-25` for every year.
        overrides: windows by date, instead of the weekday's, on holidays too.
        breaks: windows by date, cut out of what is left.
    """

    timezone: str
    hours: dict[str, Day]
    holidays: tuple[str, ...] = ()
    overrides: dict[str, Day] = {}
    breaks: dict[str, Day] = {}

    def calendar(self) -> WorkCalendar:
        """The calendar that computes with it.

        Raises:
            WorktimeError: it cannot be computed with; the error says why.
        """
        return WorkCalendar.of(
            self.timezone,
            self.hours,
            holidays=self.holidays,
            overrides=self.overrides,
            breaks=self.breaks,
        )


def refusal_of(error: WorktimeError, field: str) -> Refusal:
    """A refusal in the words of the working-time arithmetic."""
    return Refusal(error.code.replace("_", "-"), error.detail, field)


def plain(moment: datetime) -> str:
    """A moment as people read it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
