"""The rows that were refused, with their lines and reasons."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from deskstream_platform.folder import told_in_a_sentence
from deskstream_platform.replay.client import Client
from deskstream_platform.replay.rows import Refused
from deskstream_platform.replay.steps import Step

_PAGE: Final = 200


async def refused_by_the_service(
    client: Client, identity: str, steps: Iterable[Step]
) -> Sequence[Refused]:
    """All that the process ever refused of this import, as rows of the log."""
    lines: Mapping[tuple[str, int], Step] = {(one.ticket, one.sequence): one for one in steps}
    found: list[Refused] = []
    after: str | int | None = 0
    while after is not None:
        path = f"/imports/{identity}/refusals"
        page = await client.get(path, after=after, limit=_PAGE)
        for one in page["items"]:
            step = lines.get((one["ticket"], one["sequence"]))
            if step is not None:
                reason = f"{step.ticket}, {step.kind}: {one['detail']} ({one['code']})"
                found.append(Refused(step.line, reason))
        after = page["next"]
    return found


def write_report(path: Path, refused: Iterable[Refused]) -> None:
    """Write them by line; an empty report says that every row was taken."""
    with told_in_a_sentence(path), path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "reason"))
        writer.writerows((one.line, one.reason) for one in sorted(refused, key=_by_line))


def _by_line(refused: Refused) -> tuple[int, str]:
    return refused.line, refused.reason
