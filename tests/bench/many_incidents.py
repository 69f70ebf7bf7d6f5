"""Two hundred thousand incidents of three years in the tables that lists read, as a desk has them.

The rows are made without their events: what is measured is how they are found. They are the same
each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from deskstream.database import Connection

MANY = 200_000
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)
LATELY = timedelta(days=10)
ROWS = (
    *("stream", "number", "title", "caller", "service", "category", "channel", "impact"),
    *("urgency", "priority", "status", "hold_reason", "person", "opened_at", "updated_at"),
    *("resolved_at", "warned", "breaches", "organisation", "people", "held_by", "restricted"),
    *("due_at", "at_risk", "been_with"),
)
SYLLABLES = [
    "ba",
    "con",
    "du",
    "fer",
    "gi",
    "hol",
    "ja",
    "kon",
    "lim",
    "mor",
    "net",
    "op",
    "pra",
    "qui",
    "ros",
    "tel",
    "und",
    "vox",
    "wir",
    "zan",
]
LEVELS = ("high", "medium", "low")
HOLDS = ("awaiting_caller", "awaiting_change", "awaiting_problem", "awaiting_supplier", "other")
INDEXED = """
INSERT INTO incident_words
SELECT stream, to_tsvector('simple', said), to_tsvector('simple', said || ' ' || noted) FROM said
"""


class Choice:
    """Names of which few are frequent and many are rare."""

    def __init__(self, stem: str, count: int) -> None:
        self.names = [f"{stem}-{nth}" for nth in range(count)]
        self._weights = list(accumulate(1 / (nth + 3) for nth in range(count)))

    def one_of(self, chance: Random) -> str:
        """Any of them."""
        return chance.choices(self.names, cum_weights=self._weights)[0]

    def some_of(self, chance: Random, count: int) -> str:
        """Several, as a text."""
        return " ".join(chance.choices(self.names, cum_weights=self._weights, k=count))


SERVICES, CATEGORIES = Choice("service", 60), Choice("category", 40)
ORGANISATIONS, GROUPS = Choice("customer", 200), Choice("group", 30)
PEOPLE, CALLERS = Choice("agent", 300), Choice("caller", 5000)
WORDS = Choice("", 8000)
WORDS.names = [f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES][:8000]


@dataclass(frozen=True)
class Standing:
    """Where an incident stands, by its age and chance."""

    status: str
    hold_reason: str | None = None
    resolved_at: datetime | None = None


def standing(chance: Random, opened_at: datetime) -> Standing:
    """Most that are older than a week are over."""
    age, luck = NOW - opened_at, chance.random()
    if luck < (0.5 if age < LATELY else 0.004):
        status = chance.choices(("new", "in_progress", "on_hold"), (2, 5, 3))[0]
        return Standing(status, chance.choice(HOLDS) if status == "on_hold" else None)
    if luck > 0.98:
        return Standing("cancelled")
    resolved_at = opened_at + chance.random() * min(age, timedelta(days=6))
    over = NOW - resolved_at > timedelta(days=7)
    return Standing("closed" if over else "resolved", None, resolved_at)


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    """So many rows, in the order of their numbers."""
    chance = Random(7)  # noqa: S311  the same rows each time
    for nth in range(count):
        late = timedelta(days=400) * chance.random() if chance.random() < 0.02 else timedelta()
        yield row(chance, nth, NOW - YEARS * (1 - nth / count) - late)


def row(chance: Random, nth: int, opened_at: datetime) -> tuple[Any, ...]:
    """One, in the order of `ROWS`."""
    stands, caller = standing(chance, opened_at), CALLERS.one_of(chance)
    is_open = stands.status in {"new", "in_progress", "on_hold"}
    updated_at = opened_at + chance.random() * min(NOW - opened_at, timedelta(days=15))
    due_at = opened_at + timedelta(days=12 * chance.random()) if is_open else None
    group = None if chance.random() < 0.02 else GROUPS.one_of(chance)
    late = chance.random() < 0.07
    return (
        f"incident-{UUID(int=chance.getrandbits(128))}",
        f"INC{nth + 1:07}",
        WORDS.some_of(chance, 6),
        caller,
        SERVICES.one_of(chance) if chance.random() < 0.9 else None,
        CATEGORIES.one_of(chance),
        chance.choice(("self_service", "email", "phone")),
        chance.choice(LEVELS),
        chance.choice(LEVELS),
        chance.choices((1, 2, 3, 4, 5), (2, 9, 50, 28, 11))[0],
        stands.status,
        stands.hold_reason,
        PEOPLE.one_of(chance) if group and chance.random() < 0.8 else None,
        opened_at,
        updated_at,
        stands.resolved_at,
        late,
        ["resolution:1"] if late else [],
        ORGANISATIONS.one_of(chance),
        [caller],
        group,
        chance.random() < 0.01,
        due_at,
        is_open and chance.random() < 0.1,
        [group] if group else [],
    )


async def fill(connection: Connection, count: int = MANY) -> None:
    """Put so many incidents, with their words, into the tables of an incident service."""
    await connection.copy_records_to_table("incidents", records=rows(count), columns=ROWS)
    await connection.execute("CREATE TEMP TABLE said (stream text, said text, noted text)")
    await connection.copy_records_to_table("said", records=await _said(connection))
    await connection.execute(INDEXED)
    await connection.execute("DROP TABLE said")
    for table in ("incidents", "incident_words"):
        await connection.execute(f"VACUUM ANALYZE {table}")


async def _said(connection: Connection) -> Sequence[tuple[str, str, str]]:
    chance = Random(8)  # noqa: S311  the same words each time
    told = await connection.fetch("SELECT stream, number, title, caller FROM incidents")
    return [
        (
            stream,
            f"{number} {title} {caller} {WORDS.some_of(chance, 25)}",
            WORDS.some_of(chance, 10),
        )
        for stream, number, title, caller in told
    ]
