"""Which part listens where."""

import asyncio
import time
from collections.abc import Callable, Mapping

from deskstream_platform.errors import PlatformError, PortTakenError
from deskstream_platform.ports import free_port, is_free

_POLL = 0.05


def plan_ports(
    defaults: Mapping[str, int],
    chosen: Mapping[str, int],
    recorded: Mapping[str, int],
    tell: Callable[[str], None],
) -> dict[str, int]:
    """A port for each part: the chosen one, else that of the last run, the usual, a free one."""
    if strangers := chosen.keys() - defaults:
        raise PlatformError(
            f"There is nothing called {min(strangers)} to choose a port for: "
            f"choose among {', '.join(defaults)}."
        )
    ports: dict[str, int] = {}
    for name, default in defaults.items():
        if name in chosen:
            if not is_free(chosen[name]):
                raise PortTakenError(name, chosen[name])
            ports[name] = chosen[name]
            continue
        wishes = [recorded.get(name, default), default]
        found = next((wish for wish in wishes if is_free(wish)), None)
        ports[name] = found or free_port(besides=ports.values())
        if found is None:
            tell(f"Port {default} is taken: {name} listens on {ports[name]} instead.")
    return ports


async def until_free(ports: Mapping[str, int], seconds: float) -> None:
    """Wait for the ports of an interrupted run, whose processes may be about to end."""
    deadline = time.monotonic() + seconds
    for port in ports.values():
        while not is_free(port) and time.monotonic() < deadline:  # noqa: ASYNC110 - not ours to tell
            await asyncio.sleep(_POLL)
