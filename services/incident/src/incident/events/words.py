"""How words and moments are written in an incident's history."""

from datetime import UTC, datetime


def plain(word: str) -> str:
    """A stored word as people write it."""
    return word.replace("_", " ")


def utc(moment: datetime) -> str:
    """A moment as people read it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
