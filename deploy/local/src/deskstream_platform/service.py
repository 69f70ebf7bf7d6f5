"""The services, and one of them as a process."""

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx

from deskstream_platform.errors import PlatformError, PortTakenError, StartError
from deskstream_platform.ports import LOOPBACK, is_free
from deskstream_platform.process import Child, spawn

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_POLL = 0.05


@dataclass(frozen=True)
class Service:
    """A service as the platform knows it: `python -m <module>.main` on a port."""

    name: str
    module: str
    port: int


SERVICES = (
    Service("catalog", "catalog", 8101),
    Service("incident", "incident", 8102),
    Service("sla-monitor", "sla_monitor", 8106),
)


class ServiceProcess:
    """A service that runs on a loopback port."""

    def __init__(
        self, service: Service, port: int, environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = service.name
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        self._module = service.module
        self._environment = environment
        self._log = log
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The running process."""
        if self._child is None:
            raise PlatformError(f"{self.name} is not running.")
        return self._child

    async def start(self) -> None:
        """Start and wait until it says that it is ready."""
        if not is_free(self.port):
            raise PortTakenError(self.name, self.port)
        environment = {
            **self._environment,
            "DESKSTREAM_HOST": LOOPBACK,
            "DESKSTREAM_PORT": str(self.port),
        }
        command = [sys.executable, "-m", f"{self._module}.main"]
        self._child = spawn(self.name, command, self._log, env=environment)
        await self._wait_until_ready(self._child)

    async def stop(self) -> None:
        """Ask it to stop, and insist after ten seconds."""
        if self._child is not None:
            await self._child.stop(_STOP_SECONDS)
            self._child = None

    async def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + _START_SECONDS
        missing: str | None = ""
        # Nothing of the environment's proxies or certificates concerns loopback.
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, verify=False) as client:  # noqa: S501 - loopback
            while missing is not None and time.monotonic() < deadline:
                if not child.running:
                    raise StartError(
                        f"{self.name} ended while starting: {child.last_words()} (log: {self._log})"
                    )
                await asyncio.sleep(_POLL)
                missing = await _missing(client)
        if missing is not None:
            raise StartError(
                f"{self.name} was not ready after {_START_SECONDS:.0f} seconds: {missing} "
                f"(log: {self._log})"
            )


async def _missing(client: httpx.AsyncClient) -> str | None:
    """What the service says it lacks; None when it is ready."""
    try:
        answer = await client.get("/health/ready", timeout=_START_SECONDS)
    except httpx.TransportError:
        return "it does not answer"
    return None if answer.status_code == HTTPStatus.OK else answer.text
