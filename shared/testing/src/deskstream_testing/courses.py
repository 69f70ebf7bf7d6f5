"""How the clocks of incidents ran, computed in the plainest way from the incidents' events."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deskstream_testing.record import Entry
from deskstream_testing.spine import PAUSES_ON, PROMISES

Clock = tuple[str, str]
"""A ticket's stream and a target; nothing here comes to a second cycle."""


@dataclass(slots=True)
class Course:
    """How one clock ran, by the incident's events.

    Attributes:
        left: of the promised time.
        since: when it began to run this time; None while it stands.
        overdue_at: when the promised time was used up before anybody stopped it.
        used_at_stops: the time used at each stop.
    """

    left: timedelta
    since: datetime | None
    used: timedelta = timedelta()
    overdue_at: datetime | None = None
    done: bool = False
    used_at_stops: list[timedelta] = field(default_factory=list)

    def stand(self, at: datetime) -> None:
        """It runs no longer."""
        if self.since is None:
            return
        if self.overdue_at is None and at - self.since > self.left:
            self.overdue_at = self.since + self.left
        self.used += at - self.since
        self.left -= at - self.since
        self.since = None

    def run(self, at: datetime) -> None:
        """It runs from here on."""
        if self.since is None and not self.done:
            self.since = at

    def stop(self, at: datetime) -> None:
        """What was promised is done."""
        if not self.done:
            self.stand(at)
            self.done = True
            self.used_at_stops.append(self.used)

    def due(self) -> datetime | None:
        """When its time is or was used up, if nothing happens any more."""
        if self.overdue_at is not None or self.since is None:
            return self.overdue_at
        return self.since + self.left


def courses(entries: Iterable[Entry], service: str) -> dict[Clock, Course]:
    """The clocks of all incidents of this service, computed in the plainest way."""
    found: dict[Clock, Course] = {}
    for entry in entries:
        data = entry.data
        if entry.type == "incident.logged.v1":
            if data.get("service") == service:
                for target, seconds in PROMISES[data["priority"]].items():
                    found[entry.stream, target] = Course(
                        timedelta(seconds=seconds), entry.occurred_at
                    )
            continue
        first = found.get((entry.stream, "first_response"))
        resolution = found.get((entry.stream, "resolution"))
        if first is not None and resolution is not None:
            _turn(first, resolution, entry)
    return found


def _turn(first: Course, resolution: Course, entry: Entry) -> None:
    at = entry.occurred_at
    match entry.type:
        case "incident.comment_added.v2":
            if entry.data["speaker"] == "agent":
                first.stop(at)
        case "incident.put_on_hold.v1" if entry.data["reason"] in PAUSES_ON:
            resolution.stand(at)
        case "incident.put_on_hold.v1" | "incident.resumed.v1":
            resolution.run(at)
        case "incident.resolved.v2":
            first.stop(at)
            resolution.stop(at)
        case "incident.reopened.v1":
            resolution.done = False
            resolution.run(at)
