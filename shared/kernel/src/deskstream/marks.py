"""Marks for what a field holds, so that it can be encrypted or erased without touching a domain."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel


class Sensitivity(StrEnum):
    """What a marked field may reveal."""

    PERSON = "person"
    FREE_TEXT = "free-text"


@dataclass(frozen=True, slots=True)
class Mark:
    """Annotates a field's type: `Annotated[str, Mark(Sensitivity.PERSON)]`."""

    sensitivity: Sensitivity


def marked_fields(model: type[BaseModel]) -> dict[str, Sensitivity]:
    """The marked fields of a fact, as dotted paths, with what they hold."""
    found: dict[str, Sensitivity] = {}
    for name, info in model.model_fields.items():
        outer = (mark.sensitivity for mark in info.metadata if isinstance(mark, Mark))
        for sensitivity in (*outer, *_marks_within(info.annotation)):
            found[name] = sensitivity
        for inner in _models_within(info.annotation):
            found |= {f"{name}.{path}": kind for path, kind in marked_fields(inner).items()}
    return found


def _marks_within(annotation: Any) -> Iterator[Sensitivity]:  # noqa: ANN401  a type of any form
    for part in get_args(annotation):
        if isinstance(part, Mark):
            yield part.sensitivity
        yield from _marks_within(part)


def _models_within(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401  a type of any form
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_within(part)
