"""The customer of a log, its priority matrix with it, in the catalogue of the local platform."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from deskstream_platform.api import Api
from deskstream_platform.catalogue import OWNER, until_known_everywhere
from deskstream_platform.errors import PlatformError
from deskstream_platform.replay.mapping import LogMapping

_MOST: int = 200


async def registered_customer(api: Api, mapping: LogMapping, since: datetime) -> str:
    """The id of the customer; what is missing of it is registered, in force before the log begins.

    Raises:
        PlatformError: its priorities are other ones than those of the mapping.
    """
    identity = await _organisation(api, mapping.customer_name, since)
    known = await _own(api, "/priority-matrices", customer=identity)
    if known:
        _require_same(known[0], mapping, since)
    else:
        matrix = {
            "name": f"Matrix: {mapping.customer_name}",
            "customer": identity,
            "priorities": _priorities(mapping),
            "effective_from": since.isoformat(),
        }
        await api.tell("catalog", "/priority-matrices", OWNER, matrix)
    await until_known_everywhere(api, f"priority_matrix-{identity}")
    return identity


async def covered(api: Api, customer: str) -> bool:
    """Whether any agreement is for this customer, or for everyone."""
    agreements = await _own(api, "/agreements")
    return any(one.get("customer") in {None, customer} for one in agreements)


async def _organisation(api: Api, name: str, since: datetime) -> str:
    found = await _own(api, "/organisations", text=name)
    same = [one for one in found if one["name"] == name]
    if same:
        return str(same[0]["id"])
    body = {"name": name, "kind": "customer", "effective_from": since.isoformat()}
    return str((await api.tell("catalog", "/organisations", OWNER, body))["id"])


async def _own(api: Api, path: str, **query: str) -> Sequence[Mapping[str, Any]]:
    return list((await api.get("catalog", path, OWNER, limit=_MOST, **query))["items"])


def _require_same(known: Mapping[str, Any], mapping: LogMapping, since: datetime) -> None:
    customer = mapping.customer_name
    if known["priorities"] != _priorities(mapping):
        raise PlatformError(
            f"The priority matrix of {customer} in the catalogue is another than the mapping's:"
            " change one of them, so that the priorities of the history are the right ones."
        )
    begins = datetime.fromisoformat(known["effective_from"])
    if known["version"] == 1 and begins > since:
        raise PlatformError(
            f"The priority matrix of {customer} is in force only from {begins.isoformat()}, after"
            f" the log begins ({since.isoformat()}): name another customer in the mapping."
        )


def _priorities(mapping: LogMapping) -> Mapping[str, Mapping[str, int]]:
    dumped: Mapping[str, Mapping[str, int]] = mapping.priority.matrix.model_dump(mode="json")[
        "priorities"
    ]
    return dumped
