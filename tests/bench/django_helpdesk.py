"""django-helpdesk in an environment of its own, locked, on our PostgreSQL.

One worker process with a thread for each connection: of one, four and as many threads as
connections this served most.
"""

import asyncio
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from http_load import Plan
from servers import HERE, listening

from deskstream_platform.jars import cache_folder
from deskstream_platform.ports import LOOPBACK, free_port
from deskstream_platform.postgres import PostgresServer

LOCK = HERE / "django_helpdesk.lock"
UV = HERE.parents[1] / ".tools" / "bin" / "uv"
CONNECTIONS = 32


class CannotBeHad(Exception):
    """It could not be installed."""


async def install() -> Path:
    """Its Python, in the user's cache; made at the first run.

    Raises:
        CannotBeHad: with the installer's last words.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / "bench" / f"helpdesk-{version}-{digest}"
    if not (folder / "done").exists():
        await _run(UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        install = (UV, "pip", "install", "--quiet", "--python", folder, "--require-hashes")
        await _run(*install, "-r", LOCK)
        (folder / "done").touch()
    return folder / "bin" / "python"


async def _run(*command: str | Path, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment or None,
    )
    said, complained = await process.communicate()
    if process.returncode:
        raise CannotBeHad((complained.decode().strip().splitlines() or ["no reason given"])[-1])
    return said.decode()


@asynccontextmanager
async def running(postgres: PostgresServer, folder: Path, body: str) -> AsyncIterator[Plan]:
    """A running one, and the plan of requests to it, for zero seconds.

    Args:
        body: of a ticket, with `{queue}` for the number of the queue.
    """
    python = await install()
    environment = {
        "DJANGO_SETTINGS_MODULE": "helpdesk_site.settings",
        "PYTHONPATH": str(HERE),
        "HELPDESK_DATABASE": await postgres.ensure_database("helpdesk"),
        "HELPDESK_SECRET": secrets.token_hex(32),
    }
    queue, token = (await _run(python, "-m", "helpdesk_site.prepare", **environment)).split()
    port = free_port()
    command: list[str | Path] = [
        *(python, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()"),
        *("--bind", f"{LOOPBACK}:{port}", "--workers", "1", "--keep-alive", "60"),
        *("--worker-class", "gthread", "--threads", str(CONNECTIONS)),
    ]
    async with listening("helpdesk", command, port, folder, **environment):
        sent = body.replace("{queue}", queue)
        yield Plan(port, "/api/tickets/", f"Token {token}", sent, 0, CONNECTIONS)
