"""Which group a ticket goes to."""

from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from catalog.definitions.terms import Definition, Reference
from catalog.terms import Term

ROUTING = UUID(int=0)
"""There is one table."""
MOST_ROUTES = 2000

Category = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Route(Term):
    """A group for the tickets of a service and category; absent, any of them."""

    service: UUID | None = None
    category: Category | None = None
    group: UUID


class RoutingDefinition(Definition):
    """The whole table.

    Of the routes that fit a ticket, the one that names its service and its category wins; then
    one that names its service, then one that names its category, then one for any.
    """

    routes: Annotated[tuple[Route, ...], Field(max_length=MOST_ROUTES)]

    def references(self) -> Sequence[Reference]:
        """The services and groups in it."""
        return list(self._references())

    def _references(self) -> Iterator[Reference]:
        for nth, route in enumerate(self.routes):
            if route.service is not None:
                yield Reference(f"routes.{nth}.service", "service", route.service)
            yield Reference(f"routes.{nth}.group", "group", route.group)

    def in_words(self) -> str:
        """How many routes there are."""
        number = len(self.routes)
        return f"“{self.name}” with {'1 route' if number == 1 else f'{number} routes'}"
