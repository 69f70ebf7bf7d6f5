"""`make bench`: measures the rows of the table and prints it.

Nothing is stripped for it: what is measured is the product with access, validation, idempotency,
tracing and its read models, and a commit is on the disk.
"""

import tempfile
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Annotated

import row_commit_to_consumer
import row_due_time
import row_history
import row_incidents
import row_lists
import row_relay
import row_start
import row_store
import typer
import uvloop
from measure import Row
from servers import servers
from table import circumstances, markdown, place

ROOT = Path(__file__).resolve().parents[2]
ON_SERVERS = {
    "incidents": row_incidents.rows,
    "store": row_store.rows,
    "latency": row_commit_to_consumer.rows,
    "relay": row_relay.rows,
    "history": row_history.rows,
    "lists": row_lists.rows,
}
ALL = [*ON_SERVERS, "due-time", "start"]


def main(
    only: Annotated[list[str] | None, typer.Argument(help=f"Of: {', '.join(ALL)}.")] = None,
    *,
    write: Annotated[bool, typer.Option(help="Put the table into the README.")] = False,
    profile: Annotated[bool, typer.Option(help="Show where the time of a request goes.")] = False,
) -> None:
    """Measure the figures of the README on this machine."""
    if unknown := set(only or ()) - set(ALL):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: choose of {', '.join(ALL)}.")
    if profile:
        from profile_incidents import report  # noqa: PLC0415  only then

        typer.echo(uvloop.run(report()))
        return
    told = circumstances(ROOT)
    table = markdown(uvloop.run(_measure(only or ALL)), told)
    typer.echo(table)
    if write:
        readme = ROOT / "README.md"
        readme.write_text(place(readme.read_text(encoding="utf-8"), table), encoding="utf-8")


async def _measure(names: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if wanted := [name for name in ON_SERVERS if name in names]:
            async with servers(folder / "servers") as running:
                for name in wanted:
                    rows += await _timed(name, ON_SERVERS[name](running))
        if "due-time" in names:
            rows += row_due_time.rows()
        if "start" in names:
            rows += await _timed("start", row_start.rows(folder / "platform"))
    return rows


async def _timed(name: str, measuring: Awaitable[Sequence[Row]]) -> Sequence[Row]:
    begin = time.monotonic()
    rows = await measuring
    typer.echo(f"{name}: measured in {time.monotonic() - begin:.0f} s", err=True)
    return rows


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(main)

if __name__ == "__main__":
    app()
