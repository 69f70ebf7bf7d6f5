"""What each service promises, as documents: HTTP in OpenAPI, events in AsyncAPI."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import yaml

from deskstream.codec import Codec
from deskstream.consuming.subscription import Subscription
from deskstream.decider import Fact
from deskstream.service import Runtime, Service, create_app
from deskstream.settings import Settings
from deskstream_platform.asyncapi import Reading, asyncapi_document

DEFAULTS = Settings.model_construct()
"""Of any installation, so that no environment shows in a document."""


def contracts(module: str, examples: Path) -> dict[str, str]:
    """The documents of the service in this package, by file name.

    Args:
        module: the package.
        examples: the folder that holds an example of the data of each of its events.
    """
    service: Service = import_module(f"{module}.main").SERVICE
    openapi = create_app(service, DEFAULTS).openapi()
    asyncapi = asyncapi_document(
        service, DEFAULTS.partitions, readings(module, service), read_examples(examples)
    )
    return {
        "openapi.json": json.dumps(openapi, indent=2, ensure_ascii=False) + "\n",
        "asyncapi.yaml": _yaml(asyncapi),
    }


def readings(module: str, service: Service) -> list[Reading]:
    """What the service reads, in which form."""
    own = {name: form for one in service.aggregates for name, form in one.codec.names.items()}
    known = {**own, **_foreign_forms(module)}
    return [
        Reading(one, {name: known[name] for name in sorted(one.handled)})
        for one in asyncio.run(_subscriptions(service))
    ]


def read_examples(folder: Path) -> dict[str, Any]:
    """The examples in this folder, by stored name."""
    files = sorted(folder.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


async def _subscriptions(service: Service) -> Sequence[Subscription]:
    """Those of the service as it puts itself together, with a pool that is never opened."""
    pool = asyncpg.create_pool(DEFAULTS.database_url)
    runtime = Runtime(service, DEFAULTS, pool)
    service.assemble(runtime)
    return [consumer.subscription for consumer in runtime.consumers]


def _foreign_forms(module: str) -> Mapping[str, type[Fact]]:
    room = f"{module}.foreign"
    if find_spec(room) is None:
        return {}
    codecs = (held for held in vars(import_module(room)).values() if isinstance(held, Codec))
    return {name: form for codec in codecs for name, form in codec.names.items()}


class _Plain(yaml.SafeDumper):
    """Writes what is the same twice, and long texts as they are."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Plain.add_representer(str, _text)


def _yaml(document: Mapping[str, Any]) -> str:
    text: str = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
    return text
