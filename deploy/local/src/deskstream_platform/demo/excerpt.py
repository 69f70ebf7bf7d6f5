"""The excerpt of the real log that ships, and how it was made.

`python -m deskstream_platform.demo.excerpt LOG.csv.zip` makes it anew.

The first 300 incidents are those with the first 300 numbers in the log. It lists each
incident's updates together, incident after incident by the time at which they were opened,
so these are also the 300 that were opened first. Each row of theirs is kept as it is.
"""

import gzip
import sys
import zipfile
from pathlib import Path
from typing import Final

INCIDENTS = 300
EXCERPT: Final = Path(__file__).parents[1] / "data" / "incident_log_excerpt.csv.gz"
_NUMBER, _SEPARATOR = 0, ","


def first_incidents(log: str, incidents: int) -> str:
    """The header of a log, and every row of the incidents whose numbers come first."""
    header, *rows = log.splitlines(keepends=True)
    numbers = dict.fromkeys(row.split(_SEPARATOR)[_NUMBER] for row in rows)
    first = set(list(numbers)[:incidents])
    return "".join([header, *(row for row in rows if row.split(_SEPARATOR)[_NUMBER] in first)])


def main() -> None:
    """Make the excerpt from the whole log."""
    with zipfile.ZipFile(sys.argv[1]) as archive:
        log = archive.read(archive.namelist()[0]).decode()
    packed = gzip.compress(first_incidents(log, INCIDENTS).encode(), mtime=0)
    EXCERPT.write_bytes(packed)


if __name__ == "__main__":
    main()
