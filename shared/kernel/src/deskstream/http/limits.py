"""What every request goes through before and after its route, and how many may stay."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uuid_utils
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deskstream.http.problems import Problem, busy, internal_error
from deskstream.observe import OPEN_STREAMS, REQUEST_SECONDS, REQUESTS, correlation

MAX_BODY = 1 << 20
HEARD_OUT = 64 << 20
CORRELATION_HEADER = b"x-correlation-id"
_CORRELATION = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


NUL_IN_ADDRESS = Problem(400, "nul-character", "The address holds a NUL character.")


class AroundRequests:
    """Names the story, limits the body, catches what nobody foresaw, and measures."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        story = _story(scope)
        token = correlation.set(story)
        exchange = _Exchange(story, receive, send)
        started = time.perf_counter()
        try:
            await self._serve(scope, exchange)
        finally:
            _measure(scope, exchange.status, time.perf_counter() - started)
            correlation.reset(token)

    async def _serve(self, scope: Scope, exchange: "_Exchange") -> None:
        try:
            app = NUL_IN_ADDRESS if _holds_nul(scope) else self.app
            await app(scope, exchange.receive, exchange.send)
        except Exception as error:  # whatever it is, the caller gets an answer
            if exchange.status:
                raise
            problem = error if isinstance(error, Problem) else internal_error(error)
            await problem(scope, exchange.receive, exchange.send)


class _Exchange:
    """One request's body on its way in and its answer on its way out."""

    __slots__ = ("_left", "_receive", "_send", "_story", "status")

    def __init__(self, story: str, receive: Receive, send: Send) -> None:
        self._left = MAX_BODY
        self._story = story.encode()
        self._receive = receive
        self._send = send
        self.status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            # Cut off while sending, hardly a client would hear why.
            while message.get("more_body") and self._left > -HEARD_OUT:
                message = await self._receive()
                self._left -= len(message.get("body", b""))
            detail = f"The body is larger than {MAX_BODY} bytes."
            raise Problem(413, "body-too-large", detail, headers={"Connection": "close"})
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], (CORRELATION_HEADER, self._story)]
        await self._send(message)


def _holds_nul(scope: Scope) -> bool:
    return b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]


def _story(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == CORRELATION_HEADER and _CORRELATION.fullmatch(value):
            return str(value, "ascii")
    return str(uuid_utils.uuid7())


def _measure(scope: Scope, status: int, seconds: float) -> None:
    # Templates of routes only: a label with a caller's own text would grow without end.
    route = getattr(scope.get("route"), "path", "unmatched")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    REQUESTS.labels(method, route, str(status)).inc()
    REQUEST_SECONDS.labels(method, route).observe(seconds)


@dataclass
class OpenStreams:
    """The live streams that are being sent, limited in number; all end together on `close`."""

    limit: int = 100
    count: int = field(default=0, init=False)
    closed: bool = field(default=False, init=False)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count one more while it lasts, if there is room."""
        if self.closed or self.count >= self.limit:
            raise busy(f"There are {self.count} open streams. Pull with `after`, or try later.")
        self.count += 1
        OPEN_STREAMS.inc()
        try:
            yield
        finally:
            self.count -= 1
            OPEN_STREAMS.dec()

    def close(self) -> None:
        """End all, because the service stops."""
        self.closed = True
