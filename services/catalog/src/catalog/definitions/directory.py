"""What there is that a row can name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from catalog.definitions.terms import Definition, Surroundings


class Entry(NamedTuple):
    """What the catalogue has of one definition."""

    id: UUID
    above: UUID | None = None
    standing: bool = True


@dataclass(frozen=True, slots=True)
class Directory:
    """Parties and calendars, by kind and handle (of calendars, the name) and by kind and id."""

    _called: dict[tuple[str, str], Entry] = field(default_factory=dict)
    _known: dict[tuple[str, UUID], Entry] = field(default_factory=dict)

    def note(self, kind: str, handle: str | None, entry: Entry) -> None:
        """There is this one, or it is so now."""
        self._known[kind, entry.id] = entry
        if handle is not None:
            self._called[kind, handle] = entry

    def find(self, kind: str, handle: str) -> Entry | None:
        """The one of this handle."""
        return self._called.get((kind, handle))

    def surroundings(self, kind: str, own: UUID, definition: Definition) -> Surroundings:
        """What there is beside a definition."""
        named = (self._known.get((one.kind, one.id)) for one in definition.references())
        return Surroundings(
            own=own,
            standing={entry.id for entry in named if entry is not None and entry.standing},
            line=list(self._line(kind, definition.above)),
        )

    def _line(self, kind: str, above: UUID | None) -> Iterator[UUID]:
        seen: set[UUID] = set()
        while above is not None and above not in seen:
            yield above
            seen.add(above)
            entry = self._known.get((kind, above))
            above = None if entry is None else entry.above
