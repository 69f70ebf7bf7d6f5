"""Make .tools (uv) and .venv (everything else) from the locks; run by make.

Only the standard library, and only what a Python too old for the product can still read,
so that it can say so.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
UV = TOOLS / "bin" / "uv"
LOCK = TOOLS / "set-up.lock"
LOG = TOOLS / "set-up.log"
# Stands while .venv is being filled: found at the next run, it tells that .venv is half done.
UNFINISHED = TOOLS / "venv-unfinished"
DONE = VENV / "set-up-done"


def main() -> None:
    """Bring both environments up to their locks."""
    require_python()
    TOOLS.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        LOG.write_text("")
        if not uv_works():
            get_uv()
        fill_venv()


def require_python() -> None:
    """Stop unless this Python can do it."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:2])
        sys.exit(
            "Python {} is too old: install Python {}.{} or later and, if it is not your "
            "python3, name it: make PYTHON=python3.11".format(found, *OLDEST)
        )
    if any(importlib.util.find_spec(module) is None for module in ("venv", "ensurepip")):
        sys.exit(
            "This Python has no venv module: install it (Debian, Ubuntu: apt install "
            "python3-venv) and run make again."
        )


def uv_works() -> bool:
    """Tell whether uv is there, whole."""
    try:
        return subprocess.call([str(UV), "--version"], stdout=subprocess.DEVNULL) == 0
    except OSError:
        return False


def get_uv() -> None:
    """Make .tools anew; its pip fetches uv."""
    print("Setting up .tools …", flush=True)
    for leftover in set(TOOLS.iterdir()) - {LOCK, LOG}:
        remove(leftover)
    run("making .tools", sys.executable, "-m", "venv", TOOLS)
    pip = [TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes"]
    run("fetching uv", *pip, "-r", Path(__file__).with_name("requirements.lock"))


def fill_venv() -> None:
    """Install what is locked, then the workspace's own packages as they lie here."""
    print("Setting up .venv …", flush=True)
    clear = ["--clear"] if UNFINISHED.exists() else ["--allow-existing"]
    UNFINISHED.touch()
    run("making .venv", UV, "venv", "--python", sys.executable, *clear, VENV)
    install = [UV, "pip", "install", "--python", VENV]
    run("fetching packages", *install, "--require-hashes", "-r", ROOT / "requirements.lock")
    # Their build backend is in the lock too, so nothing is fetched to build them.
    packages = [f"--editable={folder}" for folder in workspace()]
    run("installing Deskstream", *install, "--no-deps", "--no-build-isolation", *packages)
    UNFINISHED.unlink()
    DONE.touch()


def remove(path: Path) -> None:
    """Remove a file or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(str(path))
    else:
        path.unlink()


def workspace() -> "list[Path]":
    """The folders of the workspace's packages."""
    patterns = ("shared/*", "deploy/local", "services/*")
    found = (path for pattern in patterns for path in sorted(ROOT.glob(pattern)))
    return [path for path in found if (path / "pyproject.toml").exists()]


def run(what: str, *command: object) -> None:
    """Run a command to its end; its words go to the log."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    with LOG.open("a") as log:
        words = [str(word) for word in command]
        status = subprocess.call(words, stdout=log, stderr=log, env=environment, cwd=ROOT)
    if status != 0:
        remedy = "check the network and run make again" if "fetching" in what else "see why"
        sys.exit(f"The set-up failed at {what}: {remedy} ({LOG} tells what went wrong).")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("The set-up was interrupted; run make again, it goes on from here.")
