"""As whom PostgreSQL runs: it refuses to be root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_IXOTH

from deskstream_platform.errors import PlatformError
from deskstream_platform.process import setpriv

# An account that every system has: nothing is added to the machine's list of users.
_UNPRIVILEGED = "nobody"

# What lets another user pass through a home folder closed to others, best first. Opening
# the home instead would outlive us, and a container may lack the narrower capability.
_PASSAGES = {"dac_read_search": 1 << 2, "dac_override": 1 << 1}


@dataclass(frozen=True)
class ServerUser:
    """A user for server processes, with what is needed to become it."""

    uid: int
    gid: int
    privileges: Sequence[str] = ()

    def own(self, path: Path) -> None:
        """Give a file or folder to this user."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def command(self, *arguments: str | Path) -> list[str]:
        """A command line that runs as this user."""
        words = [str(argument) for argument in arguments]
        tool = setpriv()
        return [tool, *self.privileges, "--", *words] if self.privileges and tool else words

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command as this user to its end."""
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False)


def server_user(data: Path, *paths: Path) -> ServerUser:
    """Us, unless we are root: then the owner of `data` if that is not root either, or nobody.

    `paths` are what the user must be able to reach.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    if setpriv() is None:
        raise PlatformError(
            "PostgreSQL refuses to run as root and setpriv (package util-linux), which would "
            "run it as another user, is missing: install it or start as an ordinary user."
        )
    account = pwd.getpwnam(_UNPRIVILEGED)
    uid, gid = account.pw_uid, account.pw_gid
    if data.exists() and data.stat().st_uid != 0:
        uid, gid = data.stat().st_uid, data.stat().st_gid
    become = [f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
    return ServerUser(uid, gid, [*become, *_passage([data, *paths])])


def _passage(paths: Sequence[Path]) -> list[str]:
    parents = {parent for path in paths for parent in path.resolve().parents}
    if all(parent.stat().st_mode & S_IXOTH for parent in parents if parent.exists()):
        return ["--inh-caps=-all", "--bounding-set=-all"]
    capability = next(name for name, bit in _PASSAGES.items() if _permitted() & bit)
    only = f"-all,+{capability}"
    return [f"--inh-caps={only}", f"--ambient-caps={only}", f"--bounding-set={only}"]


def _permitted() -> int:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("CapPrm:"))
    return int(line.split()[1], 16)
