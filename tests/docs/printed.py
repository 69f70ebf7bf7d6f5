"""Whether what was printed is what a page shows of it."""

import json
import re
from collections.abc import Sequence
from typing import Any

ANYTHING = "…"


def is_shown(shown: str, printed: str, language: str) -> bool:
    """Whether this was printed, beside what is left out."""
    if language == "json":
        return _documents_hold(_documents(shown), printed)
    parts = (part.strip() for part in _spaced(shown).split(ANYTHING))
    pattern = r".*?".join(re.escape(part) for part in parts)
    return re.fullmatch(pattern, _spaced(printed), re.DOTALL) is not None


def holds(shown: Any, found: Any) -> bool:
    """Whether what was found has all that is shown, which may leave out members."""
    match shown, found:
        case str(), str():
            pattern = ".*".join(re.escape(part) for part in shown.split(ANYTHING))
            return re.fullmatch(pattern, found, re.DOTALL) is not None
        case dict(), dict():
            return all(name in found and holds(shown[name], found[name]) for name in shown)
        case list(), list():
            return _in_order(shown, found)
        case _:
            return shown == ANYTHING or (type(shown), shown) == (type(found), found)


def _in_order(shown: Sequence[Any], found: Sequence[Any]) -> bool:
    if not shown:
        return not found
    first, *others = shown
    if first == ANYTHING:
        return any(_in_order(others, found[skipped:]) for skipped in range(len(found) + 1))
    return bool(found) and holds(first, found[0]) and _in_order(others, found[1:])


def _documents_hold(shown: Sequence[Any], printed: str) -> bool:
    try:
        found = _documents(printed)
    except ValueError:
        return False
    return len(shown) == len(found) and all(map(holds, shown, found))


def _documents(text: str) -> Sequence[Any]:
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text.rstrip()):
        at += len(text[at:]) - len(text[at:].lstrip())
        one, at = decoder.raw_decode(text, at)
        found.append(one)
    return found


def _spaced(text: str) -> str:
    return " ".join(text.split())
