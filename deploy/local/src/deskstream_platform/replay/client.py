"""The import API of the incident service, as the replay uses it."""

import asyncio
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, Self

import httpx

from deskstream_platform.errors import PlatformError

# A service that restarts, or a catalogue that is still being copied, is waited for.
PATIENCE: Final = 60.0
_PAUSE: Final = 0.3
_TIMEOUT: Final = 60.0
_PASSING: Final = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_NOT_ALLOWED: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class Client:
    """Sends requests, and repeats what only came at a bad moment: told twice, a step is told once.

    Args:
        url: of the service.
        bearer: a token that is valid now; a replay may outlast one.
    """

    def __init__(self, url: str, bearer: Callable[[], str]) -> None:
        self._url = url.rstrip("/")
        self._bearer = bearer
        # A token goes to the address that was named, and not to a proxy of the environment.
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)

    async def __aenter__(self) -> Self:
        """The connection is opened when it is needed."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close it."""
        await self._http.aclose()

    async def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """GET what is there."""
        return await self._content("GET", path, query, None)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """POST what must not be refused as a whole."""
        return await self._content("POST", path, {}, body)

    async def _content(
        self, method: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while True:
            headers = {"Authorization": f"Bearer {self._bearer()}"}
            try:
                answer = await self._http.request(
                    method, self._url + path, params=query, json=body, headers=headers
                )
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise PlatformError(f"{self._url} does not answer: {error!r}.") from error
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise PlatformError(f"{self._url} is no address: {error}.") from error
            else:
                if not _passes(answer) or time.monotonic() > deadline:
                    return self._accepted(answer)
            await asyncio.sleep(_PAUSE)

    def _accepted(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code in _NOT_ALLOWED:
            raise PlatformError(
                f"{self._url} does not let this token tell a history ({answer.status_code}):"
                " it needs the role service and the scope import."
            )
        try:
            content: object = answer.json()
        except ValueError:
            content = None
        if answer.is_success and isinstance(content, dict):
            return content
        said = content.get("detail") if isinstance(content, dict) else None
        path = answer.request.url.path
        raise PlatformError(
            f"{self._url} answered {path} with {answer.status_code}: {said or 'no word why'}"
        )


def _passes(answer: httpx.Response) -> bool:
    return answer.status_code in _PASSING or "Retry-After" in answer.headers
