"""Which fields of a fact are marked, for its contract."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from deskstream.marks import Mark, Sensitivity


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
