"""What a group is."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from catalog.definitions.terms import Definition, Handle, Reference
from catalog.terms import Key

MOST_MEMBERS = 1000


def _once_each(members: tuple[UUID, ...]) -> tuple[UUID, ...]:
    return tuple(sorted(set(members)))


Members = Annotated[tuple[UUID, ...], Field(max_length=MOST_MEMBERS), AfterValidator(_once_each)]


class GroupDefinition(Definition):
    """Those who work on tickets together.

    Args:
        key: what tokens and tickets call it; it stays.
        members: the people in it,
        lead: of whom one answers for it,
        on_call: and one is on call now.
        calendar: when it works.
    """

    key: Key
    members: Members = ()
    lead: UUID | None = None
    on_call: UUID | None = None
    calendar: UUID | None = None

    @property
    def handle(self) -> Handle:
        """Its key."""
        return Handle("key", self.key)

    def references(self) -> Sequence[Reference]:
        """Its people, and when they work."""
        people = [Reference("members", "person", member) for member in self.members]
        if self.calendar is None:
            return people
        return [*people, Reference("calendar", "calendar", self.calendar)]

    def in_words(self) -> str:
        """Who is in it, who leads it, and who is on call."""
        number = len(self.members)
        members = "1 member" if number == 1 else f"{number} members"
        lead = f", led by {self.lead}" if self.lead else ""
        on_call = f", {self.on_call} on call" if self.on_call else ""
        hours = f", working by calendar {self.calendar}" if self.calendar else ""
        return f"“{self.name}” ({self.key}) with {members}{lead}{on_call}{hours}"
