"""What went wrong, told without a word of what it was about: whoever operates may not read that."""

import traceback

from pydantic import ValidationError


class Plain(Exception):
    """An error whose own words tell nothing of what an event is about."""


def fault_of(error: Exception) -> str:
    """What went wrong and in which function. An error's own words may quote a restricted ticket."""
    name = type(error).__name__
    if isinstance(error, Plain):
        return f"{name}: {error}"
    cause = error.__cause__ or error
    if isinstance(cause, ValidationError):
        faults = cause.errors(include_url=False, include_context=False, include_input=False)
        found = (f"{fault['type']} at {'.'.join(map(str, fault['loc']))}" for fault in faults)
        return f"{name}: {', '.join(found)}"
    frames = traceback.extract_tb(cause.__traceback__)
    where = f" in {frames[-1].name}" if frames else ""
    return f"{name}: {type(cause).__name__}{where}"


def for_the_log(error: Exception) -> dict[str, str]:
    """The same with the way through the code that led there, as members of a log's entry."""
    way = traceback.format_tb((error.__cause__ or error).__traceback__)
    return {"because": fault_of(error), "way": "".join(way)}
