"""Steps as the incident service takes them: in batches, each with how far history is told then."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from deskstream_platform.replay.steps import Step

MOST_STEPS: Final = 500
MOST_BYTES: Final = 900_000
"""Below what the service reads of a request."""

# The service looks the priority up itself, in the matrix that was set for the customer.
_LOOKED_UP: Final = "priority"


@dataclass
class Batch:
    """Steps that are sent together.

    Args:
        until: up to when everything is told once these are; None where the batch ends between
            steps of the moment with which it began.
    """

    steps: list[Step] = field(default_factory=list)
    until: datetime | None = None
    size: int = 0

    @property
    def body(self) -> Mapping[str, Any]:
        """The body of the request."""
        return {"steps": [in_json(step) for step in self.steps]}

    def has_room_for(self, step: Step, size: int, span: timedelta) -> bool:
        """Whether a step of this size can be added; there is always room for one."""
        if not self.steps:
            return True
        fits = len(self.steps) < MOST_STEPS and self.size + size <= MOST_BYTES
        return fits and step.at - self.steps[0].at <= span

    def add(self, step: Step, size: int) -> None:
        """Take in the next step."""
        self.steps.append(step)
        self.size += size


def batches(steps: Iterable[Step], span: timedelta = timedelta.max) -> Iterator[Batch]:
    """All steps, cut into batches, of which none covers more of history than `span`."""
    cut = list(_cut(steps, span))
    for batch, following in pairwise([*cut, None]):
        if batch is not None:
            batch.until = _told_until(batch.steps, following)
            yield batch


def untold(steps: Sequence[Step], frontier: datetime | None) -> Sequence[Step]:
    """The steps after the moment up to which everything was told before."""
    return [step for step in steps if frontier is None or step.at > frontier]


def in_json(step: Step) -> Mapping[str, Any]:
    """A step as the service takes it, with its times as text."""
    fields = {name: _plain(value) for name, value in step.fields.items() if name != _LOOKED_UP}
    return {
        "ticket": step.ticket,
        "sequence": step.sequence,
        "at": step.at.isoformat(),
        "kind": step.kind,
        "by": step.by,
        "fields": fields,
    }


def _cut(steps: Iterable[Step], span: timedelta) -> Iterator[Batch]:
    batch = Batch()
    for step in steps:
        size = len(json.dumps(in_json(step))) + 2
        if not batch.has_room_for(step, size, span):
            yield batch
            batch = Batch()
        batch.add(step, size)
    if batch.steps:
        yield batch


def _told_until(steps: Sequence[Step], following: Batch | None) -> datetime | None:
    if following is None:
        return steps[-1].at
    begins = following.steps[0].at
    return max((step.at for step in steps if step.at < begins), default=None)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
