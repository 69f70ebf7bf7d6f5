"""Keeps a number of HTTP/1.1 connections busy for a while: a process of its own.

Standard input is one `Plan` as JSON, standard output one `Result`. The body is the same each
time, the Idempotency-Key is not.
"""

import asyncio
import json
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import httptools
import uvloop

LONGEST_ANSWER = 10.0
KEY = "k" * 32


@dataclass(frozen=True)
class Plan:
    """What to send, where, and for how long.

    Args:
        seconds: how long it is counted, after `warm_up` seconds that are not.
    """

    port: int
    path: str
    token: str
    body: str
    seconds: float
    connections: int = 32
    warm_up: float = 1.0
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> bytes:
        """As it goes over the wire, with a placeholder for the key."""
        body = self.body.encode()
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: {self.token}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"Idempotency-Key: {KEY}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Result:
    """What came back.

    Args:
        rate: answers a second with status 201.
        others: how often which other status came.
        p50, p99: milliseconds from request to answer.
    """

    rate: float
    others: Mapping[str, int]
    p50: float
    p99: float


class Connection(asyncio.Protocol):
    """One connection: the next request follows each answer."""

    def __init__(self, plan: Plan, taken: list[tuple[float, float, int]]) -> None:
        before, after = plan.request().split(KEY.encode())
        self._before, self._after = before, after
        self._taken = taken
        self._key = int(secrets.token_hex(15), 16)
        self.going = True
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """End, before the time was over if the server closed."""
        if not self.ended.done():
            self.ended.set_result(None)
        self._lost = exc

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Take note of an answer, and go on."""
        now = time.perf_counter()
        self._taken.append((self._asked, now, self._parser.get_status_code()))
        if self.going:
            self._ask()
        else:
            self._transport.close()

    def _ask(self) -> None:
        self._key += 1
        self._parser = httptools.HttpResponseParser(self)
        self._asked = time.perf_counter()
        self._transport.write(b"%b%032x%b" % (self._before, self._key, self._after))


async def send(plan: Plan) -> Result:
    """Carry the plan out."""
    taken: list[tuple[float, float, int]] = []
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(lambda: Connection(plan, taken), "127.0.0.1", plan.port))[1]
        for _ in range(plan.connections)
    ]
    await asyncio.sleep(plan.warm_up)
    begin = time.perf_counter()
    await asyncio.sleep(plan.seconds)
    end = time.perf_counter()
    for connection in connections:
        connection.going = False
    await asyncio.wait([one.ended for one in connections], timeout=LONGEST_ANSWER)
    return _summary([one for one in taken if begin <= one[1] < end], end - begin)


def _summary(taken: list[tuple[float, float, int]], seconds: float) -> Result:
    statuses = Counter(str(status) for _, _, status in taken)
    created = statuses.pop("201", 0)
    waits = sorted(1000 * (answered - asked) for asked, answered, _ in taken) or [0.0]
    half, most = (waits[int(len(waits) * part)] for part in (0.5, 0.99))
    return Result(created / seconds, statuses, half, most)


async def load(plan: Plan) -> Result:
    """Carry the plan out in another process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    said, _ = await process.communicate(json.dumps(asdict(plan)).encode())
    told: dict[str, Any] = json.loads(said)
    return Result(**told)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(uvloop.run(send(Plan(**json.load(sys.stdin)))))))
