"""A reader who types a page's commands into a bash, one block after the other."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pages import Block
from printed import is_shown

PATIENCE = 30.0  # until something has happened
LONGEST = 120.0  # that a command takes
PAUSE = 0.3


@dataclass(frozen=True)
class Outcome:
    """What became of a block; without status, it goes on, or bash ended on it."""

    status: int | None
    printed: str
    errors: str

    def is_as_shown(self, block: Block) -> bool:
        """Whether it printed what the page shows."""
        if block.prints is None:
            return True
        language, shown = block.prints
        return is_shown(shown, self.printed, language)

    def __str__(self) -> str:
        """For who reads the failure."""
        return f"status {self.status}\n{self.printed}\n{self.errors}"


class Reader:
    """A bash in a folder that looks like the project's.

    Args:
        addresses: those that pages name, by where these things are here.
    """

    def __init__(self, folder: Path, desk: Path, addresses: Mapping[str, str]) -> None:
        self._desk = desk
        self._addresses = addresses
        self._folder = folder
        self._number = 0
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],  # noqa: S607 - whichever the reader has
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self._type("set -o pipefail")

    def follow(self, block: Block) -> Outcome:
        """Make the block's files and run it, until it has done what the page says it does."""
        for name, content in block.files:
            self._folder.joinpath(name).write_text(self._here(content))
        if block.is_endless:
            return self._until_shown(block)
        deadline = time.monotonic() + PATIENCE
        outcome = self._run(block)
        while not _is_right(outcome, block) and block.only_asks and time.monotonic() < deadline:
            time.sleep(PAUSE)
            outcome = self._run(block)
        return outcome

    def leave(self) -> None:
        """Close the bash, and what it has started."""
        self._bash.stdin.close()
        try:
            self._bash.wait(PAUSE)
        except subprocess.TimeoutExpired:
            os.killpg(self._bash.pid, signal.SIGKILL)
            self._bash.wait()

    def _run(self, block: Block) -> Outcome:
        script = self._script(block)
        run = f"set -e; source {script} >{script}.out 2>{script}.err"
        # What changes something may set words for the blocks that follow; then its bash is theirs.
        run = f"( {run} )" if block.only_asks else f"{run}; set +e; true"
        self._type(f"{run}; echo $? >{script}.status")
        deadline = time.monotonic() + LONGEST
        while not _written(script, "status") and time.monotonic() < deadline:
            if self._bash.poll() is not None:
                break
            time.sleep(0.01)
        return self._outcome(script)

    def _until_shown(self, block: Block) -> Outcome:
        script = self._script(block)
        run = f"( set -e; source {script} ) >{script}.out 2>{script}.err & echo $! >{script}.pid"
        self._type(f"set -m; {run}; set +m")
        deadline = time.monotonic() + PATIENCE
        while not (found := self._outcome(script)).is_as_shown(block):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        os.killpg(int(_written(script, "pid")), signal.SIGINT)
        return Outcome(0, found.printed, found.errors)

    def _script(self, block: Block) -> Path:
        self._number += 1
        script = self._desk / f"{self._number}.sh"
        script.write_text(self._here(block.commands))
        return script

    def _here(self, text: str) -> str:
        for named, here in self._addresses.items():
            text = text.replace(named, here)
        return text

    def _type(self, line: str) -> None:
        self._bash.stdin.write(f"{line}\n")
        self._bash.stdin.flush()

    def _outcome(self, script: Path) -> Outcome:
        status = _written(script, "status")
        said = (_written(script, name) for name in ("out", "err"))
        return Outcome(int(status) if status else None, *said)


def _is_right(outcome: Outcome, block: Block) -> bool:
    return outcome.status == 0 and outcome.is_as_shown(block)


def _written(script: Path, what: str) -> str:
    path = Path(f"{script}.{what}")
    return path.read_text() if path.exists() else ""
