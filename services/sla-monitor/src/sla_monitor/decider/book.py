"""What the catalogue has set, version by version."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from deskstream_worktime.calendar import WorkCalendar
from sla_monitor.terms import Kind, Version


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version of a policy as the catalogue set it, and when the catalogue recorded that."""

    kind: str
    id: str
    version: int
    effective_from: datetime
    definition: Mapping[str, Any]
    recorded_at: datetime | None = None

    @property
    def pin(self) -> Version:
        """By which facts refer to it."""
        return Version(id=self.id, version=self.version)


@dataclass(frozen=True)
class Versions:
    """All versions of all policies that are known here.

    Args:
        histories: by kind and id, ascending.
        terminations: when agreements ended before their time.
        tzdata: the edition of time zone rules by which the calendars count.
    """

    histories: Mapping[tuple[str, str], tuple[PolicyVersion, ...]]
    terminations: Mapping[str, datetime]
    tzdata: str = "system"
    calendars: Mapping[Version, WorkCalendar] = field(init=False, repr=False)
    _agreements: Sequence[Sequence[PolicyVersion]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        agreements = [all_ for (kind, _), all_ in self.histories.items() if kind == "agreement"]
        object.__setattr__(self, "_agreements", agreements)
        calendars = {
            one.pin: _calendar(one)
            for (kind, _), history in self.histories.items()
            if kind == "calendar"
            for one in history
        }
        object.__setattr__(self, "calendars", calendars)

    @classmethod
    def of(
        cls,
        rows: Iterable[PolicyVersion],
        terminations: Mapping[str, datetime],
        tzdata: str = "system",
    ) -> Self:
        """A book of these versions."""
        histories: dict[tuple[str, str], list[PolicyVersion]] = {}
        for row in sorted(rows, key=lambda one: one.version):
            histories.setdefault((row.kind, row.id), []).append(row)
        found = {key: tuple(history) for key, history in histories.items()}
        return cls(found, terminations, tzdata)

    def at(self, kind: str, identity: str, moment: datetime) -> PolicyVersion | None:
        """The version that holds at this moment."""
        history = self.histories.get((kind, identity), ())
        held = [one for one in history if one.effective_from <= moment]
        return held[-1] if held else None

    def agreements(
        self, kind: Kind, moment: datetime, known: datetime | None = None
    ) -> Iterator[PolicyVersion]:
        """The agreements of this kind as they hold at this moment, as far as known by then."""
        for history in self._agreements:
            held = [
                one
                for one in history
                if one.effective_from <= moment
                and (known is None or one.recorded_at is None or one.recorded_at <= known)
            ]
            if held and held[-1].definition["kind"] == kind:
                yield held[-1]

    def out_of_force(self, one: PolicyVersion, moment: datetime) -> str | None:
        """Why an agreement does not hold at this moment; None if it does."""
        until = one.definition.get("valid_until")
        if moment < datetime.fromisoformat(one.definition["valid_from"]):
            return "it was not in force yet"
        if until is not None and moment >= datetime.fromisoformat(until):
            return "it was no longer in force"
        ended = self.terminations.get(one.id)
        return "it was terminated" if ended is not None and moment >= ended else None


def _calendar(one: PolicyVersion) -> WorkCalendar:
    plain = one.definition["working_time"]
    return WorkCalendar.of(
        plain["timezone"],
        plain["hours"],
        holidays=plain.get("holidays", ()),
        overrides=plain.get("overrides"),
        breaks=plain.get("breaks"),
    )
