"""The words that commands and events of a clock share."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from deskstream.marks import Mark, Sensitivity

Reference = Annotated[str, Field(min_length=1, max_length=200)]
PersonName = Annotated[str, Field(min_length=1, max_length=200), Mark(Sensitivity.PERSON)]
Text = Annotated[str, Field(max_length=65_536), Mark(Sensitivity.FREE_TEXT)]
Fraction = Annotated[Decimal, Field(gt=0, lt=1)]
Seconds = Annotated[int, Field(gt=0)]


class Target(StrEnum):
    """What is promised for a ticket."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


PAUSING: Final = frozenset({Target.RESOLUTION})
"""The targets that a hold can pause."""


class Value(BaseModel):
    """A part of facts."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Version(Value):
    """A version of an agreement or calendar, pinned."""

    id: str
    version: int


class Promise(Value):
    """What one agreement promises for one target of one ticket.

    Attributes:
        agreement: that won.
        calendar: whose working time counts.
        seconds: of working time.
        warn_at: fractions of them, ascending.
        pauses_on: the hold reasons that stop the time.
    """

    agreement: Version
    calendar: Version
    seconds: Seconds
    warn_at: tuple[Fraction, ...] = ()
    pauses_on: tuple[str, ...] = ()


class Ticket(Value):
    """What a clock has to know of the ticket that it belongs to.

    Attributes:
        stream: of the ticket, in its own service.
        people: whom it concerns.
    """

    stream: str
    number: str
    kind: str = "incident"
    priority: int
    organisation: str | None = None
    service: str | None = None
    people: tuple[PersonName, ...] = ()
    group: str | None = None
    restricted: bool = False
