"""The words that commands and events of an order share."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from deskstream.marks import Mark, Sensitivity

Because = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    Mark(Sensitivity.FREE_TEXT),
]
PolicyId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
PolicyKind = Literal["agreement", "calendar"]
PREVIEW_HOLDS: Final = timedelta(hours=1)
"""After that, too much has happened for the preview to say what the order will do."""


class Status(StrEnum):
    """How far an order is."""

    PREVIEWING = "previewing"
    PREVIEWED = "previewed"
    RUNNING = "running"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Tally(BaseModel):
    """What an order does, or did, counted.

    Attributes:
        tickets: that are open and were looked at.
        clocks: of them that change.
        earlier: that are due earlier, in time still.
        at_once: that are due at that instant, because no time is left.
        later: that are due later.
        started: that were not promised before.
        cancelled: that are not promised any more.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    tickets: int = 0
    clocks: int = 0
    earlier: int = 0
    at_once: int = 0
    later: int = 0
    started: int = 0
    cancelled: int = 0
