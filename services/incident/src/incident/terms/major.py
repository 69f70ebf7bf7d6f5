"""The words that commands and events of a major incident share."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

MinutesBetweenUpdates = Annotated[int, Field(ge=5, le=1440)]
"""How often those who suffer are told how it stands."""


class Stage(StrEnum):
    """Where a major incident stands, beside its status."""

    PROPOSED = "proposed"
    DECLARED = "declared"
    STOOD_DOWN = "stood_down"
    REVIEWED = "reviewed"
