"""The ways of the incident process from one state to another."""

from collections.abc import Mapping
from typing import Final

from deskstream_platform.replay.steps import Kind
from incident.terms import Status

Ways = tuple[Kind, ...]

_WAITS: Final = {Status.ON_HOLD: (Kind.HOLD,)}
_ENDS: Final = {
    Status.RESOLVED: (Kind.RESOLVE,),
    Status.CLOSED: (Kind.RESOLVE, Kind.CLOSE),
    Status.CANCELLED: (Kind.CANCEL,),
    Status.CONVERTED: (Kind.CONVERT,),
}
# Nothing becomes new again, so what another tool puts back into the queue is in progress here.
_GOES_ON: Final = {Status.NEW: (Kind.RESUME,), Status.IN_PROGRESS: (Kind.RESUME,)}
_COMES_BACK: Final = {
    Status.NEW: (Kind.REOPEN,),
    Status.IN_PROGRESS: (Kind.REOPEN,),
    Status.ON_HOLD: (Kind.REOPEN, Kind.HOLD),
}

_WAYS: Final[Mapping[Status, Mapping[Status, Ways]]] = {
    Status.NEW: {Status.IN_PROGRESS: (Kind.START,), **_WAITS, **_ENDS},
    Status.IN_PROGRESS: {**_WAITS, **_ENDS},
    Status.ON_HOLD: {**_GOES_ON, **_WAITS, **_ENDS},
    Status.RESOLVED: {**_COMES_BACK, Status.CLOSED: (Kind.CLOSE,)},
    Status.CLOSED: _COMES_BACK,
    Status.CANCELLED: {},
    Status.CONVERTED: {},
}


def way(before: Status, after: Status) -> Ways | None:
    """What leads from one state to another, if anything does."""
    return _WAYS[before].get(after)


def arrival(after: Status) -> Status:
    """The state in which a way there ends."""
    return Status.IN_PROGRESS if after is Status.NEW else after
