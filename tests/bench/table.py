"""The table of what was measured, as Markdown, and its place in the README."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from measure import Row

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
HEAD = ("what", "measured", "compared with", "ratio", "goal", "met")
VERDICTS = {True: "yes", False: "**no**", None: "–"}


def markdown(rows: Sequence[Row], circumstances: str) -> str:
    """The table, with what it was measured on."""
    lines = [HEAD, ("---",) * len(HEAD), *(_cells(row) for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n{circumstances}\n"


def _cells(row: Row) -> tuple[str, ...]:
    return (row.what, row.measured, row.against, row.ratio, row.goal, VERDICTS[row.met])


def circumstances(root: Path) -> str:
    """The day, the machine and how busy it is, and the code; asked before measuring."""
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{os.cpu_count()} × {_processor()}",
        f"Python {platform.python_version()}",
        f"commit {_commit(root)}",
        f"{os.getloadavg()[0]:.1f} programs wanting to run as it began",
    ]
    return f"Measured by `make bench`: {', '.join(parts)}."


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit(root: Path) -> str:
    git = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()


def place(readme: str, table: str) -> str:
    """The README with this table between its two marks.

    Raises:
        ValueError: it has no such place.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        message = f"The README has no place for the table: {BEGIN} and {END}."
        raise ValueError(message)
    return f"{before}{BEGIN}\n{table}{END}{after}"
