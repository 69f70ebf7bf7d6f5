"""The services as their contracts tell of them."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from deskstream.consuming.subscription import Subscription
from deskstream.service import Service
from deskstream.topics import events_topic
from deskstream_platform.contracts import read_examples, readings
from deskstream_platform.service import SERVICES

ROOT = Path(__file__).parents[2]
MODULES = {service.name: service.module for service in SERVICES}


@dataclass(frozen=True)
class Consumption:
    """A subscription, the forms in which it reads what it handles, and who reads so."""

    reader: str
    subscription: Subscription
    forms: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.reader}.{self.subscription.purpose}"


def folder(service: str) -> Path:
    """Where its contracts lie."""
    return ROOT / "services" / service / "contracts"


def examples(service: str) -> dict[str, Any]:
    """The data of the examples of its events, by stored name."""
    return read_examples(folder(service) / "examples")


def service_of(name: str) -> Service:
    """The service put together."""
    service: Service = import_module(f"{MODULES[name]}.main").SERVICE
    return service


def consumptions() -> list[Consumption]:
    """All that is read by anybody."""
    return [
        Consumption(name, one.subscription, dict(one.forms))
        for name, module in MODULES.items()
        for one in readings(module, service_of(name))
    ]


def told_on(topics: list[str]) -> dict[str, Any]:
    """The examples of everything that services tell on these topics."""
    return {
        name: example
        for service in MODULES
        if events_topic(service) in topics
        for name, example in examples(service).items()
    }
