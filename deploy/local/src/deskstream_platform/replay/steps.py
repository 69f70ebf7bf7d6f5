"""A step in the life of a ticket, as an importer tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What can be told of a ticket."""

    LOG = "log"
    IMPORT = "import"
    PRIORITISE = "prioritise"
    CLASSIFY = "classify"
    ASSIGN = "assign"
    START = "start"
    HOLD = "hold"
    RESUME = "resume"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CLOSE = "close"
    CANCEL = "cancel"
    CONVERT = "convert"
    LINK = "link"
    UNLINK = "unlink"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a ticket.

    Args:
        ticket: its number in the other tool.
        sequence: which of the ticket's steps it is, from 1; the same log gives the same again.
        line: of the row that tells it.
        by: who did it, as the other tool calls them.
    """

    ticket: str
    sequence: int
    line: int
    at: datetime
    kind: Kind
    by: str
    fields: Mapping[str, Any]
