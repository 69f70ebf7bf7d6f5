"""Mappings as TOML: read from a file, or one of those that ship."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from deskstream_platform.errors import PlatformError
from deskstream_platform.replay.mapping import LogMapping

_SHIPPED: Final = files("deskstream_platform.replay") / "mappings"
_SUFFIX: Final = ".toml"


def shipped_mappings() -> list[str]:
    """The names of the mappings that ship."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))


def read_mapping(name: str) -> LogMapping:
    """The mapping in a file, or the one that ships under this name."""
    if name in shipped_mappings():
        return parse_mapping(_SHIPPED.joinpath(name + _SUFFIX).read_bytes(), name)
    try:
        return parse_mapping(Path(name).read_bytes(), name)
    except OSError as error:
        raise PlatformError(
            f"The mapping {name} cannot be read: {error.strerror}."
            f" Name a file, or one that ships: {', '.join(shipped_mappings())}."
        ) from error


def parse_mapping(content: bytes, name: str) -> LogMapping:
    """A mapping from its text; what is wrong with it is said place by place."""
    try:
        return LogMapping.model_validate(tomllib.loads(content.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlatformError(f"The mapping {name} is not TOML: {error}.") from error
    except ValidationError as error:
        faults = "; ".join(map(_in_words, error.errors()))
        raise PlatformError(f"The mapping {name} cannot be used: {faults}.") from error


def _in_words(fault: ErrorDetails) -> str:
    place = ".".join(map(str, fault["loc"])) or "as a whole"
    match fault["type"]:
        case "missing":
            return f"{place} is missing"
        case "extra_forbidden":
            return f"{place} is nothing that a mapping has"
        case "value_error":
            return f"{place}: {fault['ctx']['error']}"
        case _:
            return f"{place}: {fault['msg']}, not {fault['input']!r}"
