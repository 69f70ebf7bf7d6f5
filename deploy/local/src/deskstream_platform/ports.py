"""Loopback ports: free ones, and the one that a data folder had before."""

import random
import socket
from collections.abc import Collection
from pathlib import Path

LOOPBACK = "127.0.0.1"

# Below every usual ephemeral range, so that no outgoing connection can sit on a port
# between the moment it is chosen and the moment its server binds it.
_CANDIDATES = range(10_000, 30_000)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(besides: Collection[int] = ()) -> int:
    """Choose a loopback port on which nobody listens, other than these."""
    return next(
        port
        for port in random.sample(_CANDIDATES, len(_CANDIDATES))
        if port not in besides and is_free(port)
    )


class StablePort:
    """The port of a data folder: the same at every start, as long as it can be had."""

    def __init__(self, folder: Path, chosen: int | None) -> None:
        self._record = folder / "port"
        self._number = chosen

    @property
    def number(self) -> int:
        """The chosen port, else the one used before, else a free one."""
        if self._number is None:
            self._number = self._recorded() or free_port()
        return self._number

    def remember(self) -> None:
        """Write the port down for the next start."""
        self._record.write_text(f"{self.number}\n")

    def _recorded(self) -> int | None:
        if not self._record.exists():
            return None
        port = int(self._record.read_text())
        return port if is_free(port) else None
