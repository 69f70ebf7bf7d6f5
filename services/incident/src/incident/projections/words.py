"""What was written about an incident, to be searched in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deskstream.database import Connection
from deskstream.envelope import Recorded
from incident.events import IncidentEvent

SEARCHED: Final = (
    "number",
    "title",
    "description",
    "caller",
    "on_behalf_of",
    "external_reference",
    "text",
    "reason",
    "because",
)
# An index entry of an incident cannot be larger than a megabyte: of one that has become a book,
# what was written last is not found.
ADD = """
INSERT INTO incident_words AS had (stream, words, inner_words)
SELECT $1, CASE WHEN $3 THEN '' ELSE told END, told
FROM (SELECT to_tsvector('simple', $2) AS told OFFSET 0) AS once
ON CONFLICT (stream) DO UPDATE SET
    words = had.words || excluded.words,
    inner_words = had.inner_words || excluded.inner_words
WHERE octet_length(had.inner_words::text) < 400000
"""


@dataclass(frozen=True)
class IncidentWords:
    """The words of an incident: those that everybody who sees it may find, and all."""

    name: str = "words"
    tables: tuple[str, ...] = ("incident_words",)

    async def apply(
        self, connection: Connection, events: Sequence[Recorded[IncidentEvent]]
    ) -> None:
        """Take the events in; few of them hold any words."""
        written = [
            (event.stream, words, event.fact.internal)
            for event in events
            if (words := words_of(event.fact))
        ]
        if written:
            await connection.executemany(ADD, written)


def words_of(fact: IncidentEvent) -> str:
    """What somebody wrote, wherever it stands in a fact."""
    told = (getattr(fact, name, None) for name in SEARCHED)
    return " ".join(one for one in told if isinstance(one, str))
