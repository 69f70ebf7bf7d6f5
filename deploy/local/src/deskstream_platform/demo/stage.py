"""What has to be agreed before anything can be told: customers, calendars, agreements."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from deskstream_platform.demo.api import Api
from deskstream_platform.demo.reckoning import Promise
from deskstream_platform.demo.translation import Matrix
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


@dataclass(frozen=True)
class Stage:
    """The customer and service of the starter set's demo agreement, and the names of things."""

    customer: str
    service: str
    calendar: str
    last_policy: str
    names: Mapping[str, str] = field(default_factory=dict)

    def with_names(self, text: str) -> str:
        """A text of the API with names in the place of ids."""
        for identity, name in self.names.items():
            text = text.replace(identity, f"“{name}”")
        return text


async def apply_starter_set(api: Api) -> Stage:
    """Put in what is missing of the starter set."""
    items = (await api.tell("catalog", "/starter-set", OWNER))["items"]
    refused = [f"{item['name']}: {item['refused']}" for item in items if item["refused"]]
    if refused:
        raise PlatformError(f"The starter set could not be applied: {'; '.join(refused)}")
    ids = {(item["kind"], item["name"]): item["id"] for item in items}
    return Stage(
        customer=ids["organisation", "Demo customer"],
        service=ids["service", "Demo service"],
        calendar=ids["calendar", "Around the clock"],
        last_policy=f"{items[-1]['kind']}-{items[-1]['id']}",
        names={item["id"]: item["name"] for item in items},
    )


async def register_customer(
    api: Api, stage: Stage, matrix: Matrix, promise: Promise
) -> tuple[str, str]:
    """A new customer with its own priority matrix and agreement; its id, and the agreement's."""
    since = datetime.now(UTC)
    name = f"Company of the real log, {since:%Y-%m-%d %H:%M:%S}"
    organisation = {"name": name, "kind": "customer"}
    customer = str((await api.tell("catalog", "/organisations", OWNER, organisation))["id"])
    priorities = {"name": f"Matrix: {name}", "customer": customer, "priorities": matrix}
    await api.tell("catalog", "/priority-matrices", OWNER, priorities)
    agreement = _agreement(f"A day in a second: {name}", customer, stage.calendar, since, promise)
    return customer, str((await api.tell("catalog", "/agreements", OWNER, agreement))["id"])


async def register_groups(api: Api, keys: Collection[str]) -> None:
    """Those groups that are not there from an earlier time: nothing is assigned to a stranger."""
    page = await api.get("catalog", "/groups", OWNER, limit=200)
    there = {one["key"] for one in page["items"]}
    for key in sorted(set(keys) - there):
        await api.tell("catalog", "/groups", OWNER, {"name": key, "key": key})


def _agreement(
    name: str, customer: str, calendar: str, since: datetime, promise: Promise
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "sla",
        "customer": customer,
        "valid_from": since.isoformat(),
        "calendar": calendar,
        "pauses_on": sorted(promise.pauses_on),
        "warn_at": [str(promise.warn_at)],
        "targets": [
            {"ticket_type": "incident", "priority": priority, "seconds": {"resolution": seconds}}
            for priority, seconds in promise.seconds.items()
        ],
    }


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
