"""The rules for the routing table."""

from uuid import UUID

from catalog.definitions.deciding import defining_decider
from catalog.routing.events import RoutingRetired, RoutingSet
from catalog.routing.terms import RoutingDefinition
from deskstream.decider import Refusal


def _ambiguous(routing: RoutingDefinition) -> Refusal | None:
    taken: set[tuple[UUID | None, str | None]] = set()
    for nth, route in enumerate(routing.routes):
        if (route.service, route.category) in taken:
            detail = "There is a route for this service and category already; keep one."
            return Refusal("route-repeated", detail, f"routes.{nth}")
        taken.add((route.service, route.category))
    return None


DECIDER = defining_decider("routing", RoutingSet, RoutingSet, RoutingRetired, objection=_ambiguous)
