"""The rules for services."""

from catalog.definitions.deciding import defining_decider
from catalog.services.events import ServiceRedefined, ServiceRegistered, ServiceRetired

DECIDER = defining_decider("service", ServiceRegistered, ServiceRedefined, ServiceRetired)
