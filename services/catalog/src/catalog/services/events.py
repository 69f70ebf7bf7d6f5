"""What can happen to a service."""

from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from catalog.services.terms import ServiceDefinition
from deskstream.codec import Codec


class ServiceRegistered(DefiningFact[ServiceDefinition], stored="service.registered.v1"):
    """A service became known."""

    opening = "Registered"


class ServiceRedefined(DefiningFact[ServiceDefinition], stored="service.redefined.v1"):
    """A service is described anew: another name, owner, criticality or parent."""


class ServiceRetired(EndingFact, stored="service.retired.v1"):
    """A service is no longer delivered."""


ServiceFact = ServiceRegistered | ServiceRedefined | ServiceRetired

CODEC: Codec[DefinitionFact] = Codec.of(ServiceFact)
