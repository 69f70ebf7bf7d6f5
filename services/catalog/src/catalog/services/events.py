"""What can happen to a service."""

from catalog.services.terms import ServiceDefinition
from catalog.terms import DefiningFact, plain
from deskstream.codec import Codec


class ServiceRegistered(DefiningFact[ServiceDefinition], stored="service.registered.v1"):
    """A service became known."""

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Registered {_in_words(self.definition)}"


class ServiceRedefined(DefiningFact[ServiceDefinition], stored="service.redefined.v1"):
    """A service is described anew: another name, owner, criticality or parent."""

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"Version {self.version}, in force from {plain(self.effective_from)}: "
            f"{_in_words(self.definition)}"
        )


ServiceFact = ServiceRegistered | ServiceRedefined

CODEC: Codec[ServiceFact] = Codec.of(ServiceFact)


def _in_words(service: ServiceDefinition) -> str:
    owned = f", owned by {service.owner}" if service.owner else ""
    below = f", part of {service.parent}" if service.parent else ""
    return f"“{service.name}” of {service.criticality} criticality{owned}{below}"
