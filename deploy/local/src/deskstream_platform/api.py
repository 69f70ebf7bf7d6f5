"""The services' HTTP side, as people with a token each use it."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx

from deskstream_platform.errors import PlatformError
from deskstream_platform.issuer import Person, issue_token
from deskstream_platform.record import RunningPlatform

# A service that was killed is back before this is over.
_PATIENCE = 15.0
_PAUSE = 0.05
_TIMEOUT = 10.0
_PASSING = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class Api:
    """Sends requests, each as somebody, and repeats what only came at a bad moment.

    A client has one connection: searching a pool of them for a free one takes longer than
    the request.
    """

    def __init__(self, folder: Path, platform: RunningPlatform) -> None:
        self._folder = folder
        self._platform = platform
        self._tokens: dict[Person, str] = {}
        self._idle: dict[str, list[httpx.AsyncClient]] = {name: [] for name in platform.services}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Clients are opened when they are needed."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close them."""
        await self._open.aclose()

    @property
    def services(self) -> Collection[str]:
        """Whose API it is."""
        return self._platform.services.keys()

    def url(self, service: str) -> str:
        """Where a service answers."""
        return self._platform.services[service].url

    def token(self, person: Person) -> str:
        """Somebody's bearer token."""
        if person not in self._tokens:
            self._tokens[person] = issue_token(self._folder, person)
        return self._tokens[person]

    async def send(
        self, service: str, path: str, by: Person, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """POST, and give the answer, a refusal too. However often it is repeated, it acts once."""
        request = httpx.Request("POST", self.url(service) + path, json=body)
        request.headers["Idempotency-Key"] = uuid4().hex
        return await self._answer(service, request, by)

    async def tell(
        self, service: str, path: str, by: Person, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """POST what cannot be refused, and give what came of it."""
        return _content(await self.send(service, path, by, body))

    async def get(
        self, service: str, path: str, person: Person, **query: str | int | list[str]
    ) -> dict[str, Any]:
        """GET."""
        request = httpx.Request("GET", self.url(service) + path, params=query)
        return _content(await self._answer(service, request, person))

    async def _answer(self, service: str, request: httpx.Request, by: Person) -> httpx.Response:
        request.headers["Authorization"] = f"Bearer {self.token(by)}"
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                async with self._client(service) as client:
                    answer = await client.send(request)
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise PlatformError(f"{service} does not answer: {error!r}.") from error
            else:
                if not _came_at_a_bad_moment(answer) or time.monotonic() > deadline:
                    return answer
            await asyncio.sleep(_PAUSE)

    @asynccontextmanager
    async def _client(self, service: str) -> AsyncIterator[httpx.AsyncClient]:
        idle = self._idle[service]
        client = idle.pop() if idle else await self._open.enter_async_context(self._new())
        try:
            yield client
        finally:
            idle.append(client)

    def _new(self) -> httpx.AsyncClient:
        # Nothing of the environment's proxies or certificates concerns loopback.
        return httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, verify=False)  # noqa: S501 - loopback


def _came_at_a_bad_moment(answer: httpx.Response) -> bool:
    return answer.status_code in _PASSING or "Retry-After" in answer.headers


def _must_succeed(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is no refusal.

    Raises:
        PlatformError: it is one.
    """
    if answer.is_error:
        request = answer.request
        raise PlatformError(
            f"{request.method} {request.url.path} was answered with {answer.status_code}: "
            f"{_refusal_of(answer)}"
        )
    return answer


def _content(answer: httpx.Response) -> dict[str, Any]:
    return dict(_must_succeed(answer).json())


def _refusal_of(answer: httpx.Response) -> str:
    """Why something was refused, in the service's own words."""
    if "json" not in answer.headers.get("Content-Type", ""):
        return answer.text
    return str(answer.json().get("detail", answer.text))
