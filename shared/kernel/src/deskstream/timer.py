"""What is to happen by itself, as a domain says it. The running of it is in `timekeeper`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Basis(StrEnum):
    """Whose time a timer waits for.

    DATABASE is the clock of the service's own database. FRONTIER is the time up to which all
    that other services recorded is known here, so that nothing can still arrive from before.
    """

    DATABASE = "database"
    FRONTIER = "frontier"


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Let `name` be due at this instant; it replaces an earlier one of the stream and name.

    Args:
        name: unique in its stream.
        due_at: when it is due.
        basis: by whose time.
        depends: streams of other services that it rests on. It waits while one of them is parked,
            and belongs to whoever reads the partition of the first.
    """

    name: str
    due_at: datetime
    basis: Basis = Basis.DATABASE
    depends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClearTimer:
    """Forget the stream's timer of this name, if it has one."""

    name: str


TimerChange: TypeAlias = SetTimer | ClearTimer


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come. `detected_at` is the database's time at which that was seen."""

    stream: str
    name: str
    due_at: datetime
    detected_at: datetime
