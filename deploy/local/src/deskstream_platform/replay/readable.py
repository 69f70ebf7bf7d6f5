"""Which steps the incident service can read at all; one that it cannot would spoil its batch."""

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from deskstream_platform.replay.batches import in_json
from deskstream_platform.replay.rows import Refused
from deskstream_platform.replay.steps import Step
from incident.api.steps import AnyStep

_STEP: Final[TypeAdapter[AnyStep]] = TypeAdapter(Annotated[AnyStep, Field(discriminator="kind")])


def readable(steps: Iterable[Step]) -> tuple[Sequence[Step], Sequence[Refused]]:
    """The steps that can be read, and of the others the rows."""
    good: list[Step] = []
    refused: list[Refused] = []
    for step in steps:
        try:
            _STEP.validate_json(json.dumps(in_json(step)))
        except ValidationError as error:
            refused.append(Refused(step.line, f"{step.ticket}, {step.kind}: {_in_words(error)}."))
        else:
            good.append(step)
    return good, refused


def _in_words(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'][1:])) or 'the step'}: {fault['msg']}"
        for fault in error.errors()
    )
