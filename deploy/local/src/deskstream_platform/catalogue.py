"""What the catalogue is told by who owns it, and when others know it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from deskstream_platform.api import Api
from deskstream_platform.errors import PlatformError
from deskstream_platform.issuer import Person

OWNER: Final = Person("Olga Marin", "owner")
_KNOWN_SECONDS: Final = 30.0
_POLL: Final = 0.02
_COPIES: Final = (
    ("incident", "itsm.incident.catalog"),
    ("incident", "itsm.incident.parties"),
    ("sla-monitor", "itsm.sla-monitor.policies"),
)


async def until_known_everywhere(api: Api, policy: str) -> None:
    """Wait until the other services have copied this policy, and what came before it."""
    async with _patience("the catalogue does not publish"):
        while (said := await _position(api, policy)) is None:  # noqa: ASYNC110 - not ours to tell
            await asyncio.sleep(_POLL)
    for service, group in _COPIES:
        async with _patience(f"{service} does not hear of the catalogue"):
            while await _copied_up_to(api, service, group) < said:  # noqa: ASYNC110 - nor this
                await asyncio.sleep(_POLL)


@asynccontextmanager
async def _patience(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_KNOWN_SECONDS):
            yield
    except TimeoutError as error:
        raise PlatformError(f"After {_KNOWN_SECONDS:.0f} s {what}: see the logs.") from error


async def _position(api: Api, policy: str) -> int | None:
    """Where the policy's last event lies in the catalogue's feed, as soon as it is settled."""
    found, reached = None, -1
    page = await api.get("catalog", "/events", OWNER, limit=200)
    while page["next"] > reached:
        own = [int(event["position"]) for event in page["events"] if event["subject"] == policy]
        found = own[-1] if own else found
        reached = int(page["next"])
        page = await api.get("catalog", "/events", OWNER, limit=200, after=reached)
    return found


async def _copied_up_to(api: Api, service: str, group: str) -> int:
    rows = (await api.get(service, "/progress", OWNER, limit=200))["items"]
    return max((int(row["position"]) for row in rows if row["consumer_group"] == group), default=-1)
