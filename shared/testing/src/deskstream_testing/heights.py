"""Given, when, then over the real services: at the height of HTTP, and of Kafka.

desk = Desk(stack, incident, monitor)
await (await desk.given(log).when(resolve)).then(200, status="resolved")
await (await desk.given(log).when(resolve)).then_refused("not-possible-now")
await (await desk.given(log).when(resolve)).then_arrive(topic, "clock.stopped.v1")
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from deskstream_testing.stack import Stack
from deskstream_testing.topics import Arrival

PATIENCE = 30.0


@dataclass(frozen=True)
class Post:
    """A request. `{id}` in its path is the item that the first request made."""

    path: str
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Desk:
    """A service with somebody who talks to it.

    Args:
        stack: that it runs in.
        client: that speaks for somebody.
    """

    stack: Stack
    client: httpx.AsyncClient

    def given(self, *requests: Post) -> "Given":
        """These requests were answered, in this order."""
        return Given(self, requests)


@dataclass(frozen=True)
class Given:
    """What was asked before."""

    desk: Desk
    requests: Sequence[Post]

    async def when(self, request: Post) -> "When":
        """This is asked."""
        identity = ""
        for earlier in self.requests:
            answer = await _send(self.desk.client, earlier, identity)
            assert answer.is_success, answer.text
            identity = identity or answer.json()["id"]
        answer = await _send(self.desk.client, request, identity)
        if not identity and answer.is_success:
            identity = answer.json()["id"]
        return When(self.desk, identity, answer)


@dataclass(frozen=True)
class When:
    """What was answered."""

    desk: Desk
    identity: str
    answer: httpx.Response

    def then(self, status: int, /, **members: Any) -> "When":  # noqa: ANN401  any JSON
        """It is answered so, with these members."""
        __tracebackhide__ = True
        assert self.answer.status_code == status, self.answer.text
        told = self.answer.json()
        assert {name: told[name] for name in members} == members
        return self

    def then_refused(self, code: str) -> None:
        """It is refused with a problem of this code."""
        __tracebackhide__ = True
        assert self.answer.headers["content-type"] == "application/problem+json"
        assert self.answer.json()["type"].endswith(f"/{code}"), self.answer.text

    async def then_arrive(self, topic: str, *types: str) -> list[Arrival]:
        """Events of these types, and in this order, come to be about the item."""
        __tracebackhide__ = True
        deadline = time.monotonic() + PATIENCE
        while True:
            about = [
                one for one in await self.desk.stack.topic(topic) if self.identity in one.stream
            ]
            found = [one.type for one in about]
            if _contains(found, types):
                return [one for one in about if one.type in types]
            assert time.monotonic() < deadline, f"wanted {types}, found {found}"
            await asyncio.sleep(0.2)


async def _send(client: httpx.AsyncClient, request: Post, identity: str) -> httpx.Response:
    return await client.post(request.path.format(id=identity), json=request.body)


def _contains(found: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the wanted types occur in this order, with others between them or not."""
    rest = iter(found)
    return all(one in rest for one in wanted)
