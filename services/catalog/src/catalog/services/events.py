"""What can happen to a service."""

from typing import assert_never

from catalog.services.terms import ServiceDefinition
from catalog.terms import DefiningFact, plain
from deskstream.codec import Codec


class ServiceRegistered(DefiningFact[ServiceDefinition]):
    """A service became known."""


class ServiceRedefined(DefiningFact[ServiceDefinition]):
    """A service is described anew: another name, owner, criticality or parent."""


ServiceFact = ServiceRegistered | ServiceRedefined

CODEC: Codec[ServiceFact] = Codec(
    {
        "service.registered.v1": ServiceRegistered,
        "service.redefined.v1": ServiceRedefined,
    }
)


def describe(fact: ServiceFact) -> str:
    """The fact in plain words."""
    match fact:
        case ServiceRegistered():
            return f"Registered {_in_words(fact.definition)}"
        case ServiceRedefined():
            return (
                f"Version {fact.version}, in force from {plain(fact.effective_from)}: "
                f"{_in_words(fact.definition)}"
            )
        case _:
            assert_never(fact)


def _in_words(service: ServiceDefinition) -> str:
    owned = f", owned by {service.owner}" if service.owner else ""
    below = f", part of {service.parent}" if service.parent else ""
    return f"“{service.name}” of {service.criticality} criticality{owned}{below}"
