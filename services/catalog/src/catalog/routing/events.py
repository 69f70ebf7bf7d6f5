"""What can happen to the routing table."""

from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from catalog.routing.terms import RoutingDefinition
from deskstream.codec import Codec


class RoutingSet(DefiningFact[RoutingDefinition], stored="routing.set.v1"):
    """Tickets that are logged then go to these groups."""


class RoutingRetired(EndingFact, stored="routing.retired.v1"):
    """Tickets go to no group by themselves."""


CODEC: Codec[DefinitionFact] = Codec.of(RoutingSet | RoutingRetired)
