"""The breaches that clocks told of, held against the courses that the incidents' events show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from deskstream_testing.courses import Clock, Course
from deskstream_testing.record import Entry


@dataclass(frozen=True, slots=True)
class Breach:
    """What a clock told.

    Attributes:
        due: when the time was used up.
        seen: when that was certain.
        stands: whether it was not taken back.
    """

    due: datetime
    seen: datetime
    stands: bool = True


def told_breaches(clock_entries: Iterable[Entry]) -> dict[Clock, Breach]:
    """Each was told once, and after it was due."""
    found: dict[Clock, Breach] = {}
    for entry in clock_entries:
        data = entry.data
        if entry.type == "clock.breached.v1":
            clock = data["ticket"], data["target"]
            due, seen = (datetime.fromisoformat(data[name]) for name in ("due_at", "detected_at"))
            assert due <= seen, f"seen before it was due: {data}"
            assert clock not in found or not found[clock].stands, f"declared twice: {clock}"
            found[clock] = Breach(due, seen)
        if entry.type == "clock.breach_corrected.v1":
            clock = data["ticket"], data["target"]
            assert found[clock].stands, f"taken back twice: {clock}"
            found[clock] = replace(found[clock], stands=False)
    return found


def standing(breaches: Mapping[Clock, Breach]) -> set[Clock]:
    """The clocks whose breaches were not taken back."""
    return {clock for clock, breach in breaches.items() if breach.stands}


def to_be_taken_back(
    expected: Mapping[Clock, Course], breaches: Mapping[Clock, Breach]
) -> set[Clock]:
    """The clocks whose breaches stand, and are not what the incidents' events say by now."""
    return {
        clock
        for clock in standing(breaches)
        if clock not in expected or expected[clock].due() != breaches[clock].due
    }


def no_false_breach(
    expected: Mapping[Clock, Course],
    breaches: Mapping[Clock, Breach],
    incident_entries: Sequence[Entry],
) -> None:
    """What is not so was so when it was told: the incident was told late what proves otherwise."""
    refuted = to_be_taken_back(expected, breaches) | (breaches.keys() - standing(breaches))
    for clock in refuted:
        breach = breaches[clock]
        told_late = any(
            entry.stream == clock[0]
            and entry.occurred_at <= breach.due
            and entry.recorded_at >= breach.seen
            for entry in incident_entries
        )
        assert told_late, f"false breach of {clock}: {breach}, and plainly {expected.get(clock)}"


def noted_breaches(incident_entries: Iterable[Entry]) -> set[Clock]:
    """Those that the tickets' histories tell, each once, and have not corrected."""
    found: set[Clock] = set()
    for entry in incident_entries:
        if entry.type == "incident.service_level_breached.v1":
            clock = entry.stream, entry.data["target"]
            assert clock not in found, f"noted twice: {clock}"
            found.add(clock)
        if entry.type == "incident.service_level_breach_corrected.v1":
            found.remove((entry.stream, entry.data["target"]))
    return found


def overdue(expected: Mapping[Clock, Course], until: datetime) -> set[Clock]:
    """The clocks whose time was used up by then."""
    return {clock for clock, course in expected.items() if (due := course.due()) and due <= until}
