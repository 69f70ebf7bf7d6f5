"""What may come in from outside: text that can be stored, and moments within reach."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    model_validator,
)
from pydantic_core import PydanticCustomError

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
DEEPEST = 50
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _written_out(told: object) -> object:
    # Pydantic takes numbers for seconds since 1970, in text too.
    if isinstance(told, datetime) or (isinstance(told, str) and _ISO.match(told)):
        return told
    raise PydanticCustomError("moment_not_iso", "must be written as 2026-01-31T09:30:00Z")


def _within_reach(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise PydanticCustomError("moment_out_of_reach", "must lie between 1970 and 9000")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_within_reach)]


class Input(BaseModel):
    """Something told from outside: only declared fields, and only text that can be stored."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unstorable_text(cls, told: object) -> object:
        if (path := _unstorable(told)) is not None:
            raise PydanticCustomError(
                "unstorable_text",
                "holds a NUL or half a surrogate pair, which is no text",
                {"path": path},
            )
        return told


def _unstorable(told: object, depth: int = 0) -> tuple[str | int, ...] | None:
    """The path to text that PostgreSQL cannot hold."""
    if depth > DEEPEST:
        # Before the stack ends: how far that is depends on who called.
        raise PydanticCustomError("too_deep", "is too deeply nested")
    members: Iterable[tuple[str | int, object]]
    match told:
        case str():
            return () if "\0" in told or (not told.isascii() and _has_surrogate(told)) else None
        case dict():
            members = told.items()
        case list():
            members = enumerate(told)
        case _:
            return None
    for name, value in members:
        if isinstance(name, str) and _unstorable(name) is not None:
            return ()
        if (path := _unstorable(value, depth + 1)) is not None:
            return (name, *path)
    return None


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
