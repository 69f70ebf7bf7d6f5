"""Where a value of a row comes from: from columns, word by word, or from a default."""

from collections.abc import Mapping
from typing import Annotated, Final, Generic, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from deskstream_platform.replay.errors import UnreadableRow

_JOINED_BY: Final = ", "

V = TypeVar("V", bound=str)
Cells = Mapping[str, str]
"""A row by column; a cell that says nothing is empty."""


class Part(BaseModel):
    """A table of the mapping."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(given: object) -> object:
    return (given,) if isinstance(given, str) else given


def _as_table(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


ColumnName = Annotated[str, Field(min_length=1)]
Columns = Annotated[tuple[ColumnName, ...], BeforeValidator(_listed)]


class Source(Part, Generic[V]):
    """Where a value comes from.

    Args:
        column: one, or several whose texts are joined.
        values: what the words of the column mean; without it they stand for themselves.
        default: what holds where the column says nothing, or there is none.
    """

    column: Columns = ()
    values: Mapping[str, V] | None = None
    default: V | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.column and self.default is None:
            raise ValueError("names neither a column nor a default")
        if self.values is not None and len(self.column) != 1:
            raise ValueError("translates values, so it must name exactly one column")
        return self

    def said(self, cells: Cells) -> V | None:
        """What a row says itself; raises UnreadableRow for a word without a meaning."""
        text = _JOINED_BY.join(filter(None, (cells[name] for name in self.column)))
        if not text:
            return None
        if self.values is None:
            return text  # type: ignore[return-value]  # only `Words` have no values
        if text not in self.values:
            raise UnreadableRow(
                f"{self.column[0]} is {text!r}, for which the mapping has no meaning."
            )
        return self.values[text]

    def of(self, cells: Cells) -> V | None:
        """What a row says, or the default."""
        said = self.said(cells)
        return self.default if said is None else said


class Words(Source[str]):
    """Words that stand for themselves, unless they are translated."""


class CertainWords(Words):
    """Words that are always there."""

    default: str

    def of(self, cells: Cells) -> str:
        """What a row says, or the default."""
        return self.said(cells) or self.default


class Translated(Source[V], Generic[V]):
    """Words of another tool that stand for ours, of which there is always one."""

    default: V

    @model_validator(mode="after")
    def _translates(self) -> Self:
        if self.column and self.values is None:
            raise ValueError("names a column whose words are not ours, so it needs `values`")
        return self

    def of(self, cells: Cells) -> V:
        """What a row says, or the default."""
        return self.said(cells) or self.default


class Holder(Words):
    """Who holds a ticket.

    Args:
        empty: what an empty cell means: that nobody holds it, or nothing new.
    """

    empty: Literal["nobody", "unchanged"] = "unchanged"

    def after(self, before: str | None, cells: Cells) -> str | None:
        """Who holds it after a row."""
        said = self.said(cells)
        if said is not None:
            return said
        return self.default if self.empty == "nobody" else before or self.default


AsTable = BeforeValidator(_as_table)
"""A column's name alone stands for the table that names it."""
SomeWords = Annotated[Words, AsTable]
AlwaysWords = Annotated[CertainWords, AsTable]
SomeHolder = Annotated[Holder, AsTable]


def columns_of(part: BaseModel) -> set[str]:
    """The columns that all sources in a part of the mapping read."""
    found: set[str] = set()
    for value in dict(part).values():
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Source):
                found.update(one.column)
            elif isinstance(one, Part):
                found |= columns_of(one)
    return found
