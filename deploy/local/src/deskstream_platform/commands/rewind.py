"""`deskstream rewind`: let a consumer read again from a position, a time or the beginning."""

from datetime import UTC, datetime
from getpass import getuser
from typing import Annotated

import typer

from deskstream_platform.options import DEFAULT_FOLDER, Folder


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rewind)


def rewind(
    service: Annotated[str, typer.Argument(help="Whose consumer, such as sla-monitor.")],
    purpose: Annotated[str, typer.Argument(help="The last part of its group, such as policies.")],
    *,
    because: Annotated[str, typer.Option(help="Why, for the record.")],
    by: Annotated[
        str, typer.Option("--as", default_factory=getuser, help="Who decides, for the record.")
    ],
    to_position: Annotated[int | None, typer.Option(help="Of the producer's events.")] = None,
    to_time: Annotated[datetime | None, typer.Option(help="In UTC.")] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Let a consumer read again, from the beginning unless a position or time is given.

    A copy stays as it is where it is told the same again; a policy never acts twice on one event.
    """
    import asyncio

    from deskstream_platform.operations import rewind_group
    from deskstream_platform.places import Place

    place = Place(to_position, to_time and to_time.replace(tzinfo=UTC))
    moved = asyncio.run(rewind_group(folder, service, purpose, place, (by, because)))
    typer.echo(f"itsm.{service}.{purpose} reads {moved} partitions again.")
