"""`deskstream parked`: events that could not be handled, and what to do with them."""

from typing import Annotated

import typer

from deskstream_platform.options import DEFAULT_FOLDER, Folder

parked = typer.Typer(no_args_is_help=True, help="Events that could not be handled.")
Service = Annotated[str, typer.Argument(help="Whose consumer parked it, such as sla-monitor.")]
Identity = Annotated[int, typer.Argument(help="The id that the list shows.")]
By = Annotated[str, typer.Option("--as", help="Who decides, for the record.")]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(parked, name="parked")


@parked.command(name="list")
def list_parked(service: Service, folder: Folder = DEFAULT_FOLDER) -> None:
    """List what is parked, oldest first."""
    import asyncio

    from deskstream_platform.operations import parked_events

    rows = asyncio.run(parked_events(folder, service))
    for row in rows:
        typer.echo(
            f"{row['id']}\t{row['parked_at']:%Y-%m-%d %H:%M:%S}\t{row['stream']}\t{row['type']}"
            f"\t{row['topic']}/{row['partition']}@{row['offset']}\t{row['error']}"
        )
    typer.echo(f"{len(rows)} parked.")


@parked.command()
def retry(
    service: Service, identity: Identity, *, by: By, reason: Reason, folder: Folder = DEFAULT_FOLDER
) -> None:
    """Handle it again, with what waits behind it."""
    _order(folder, service, "retry", identity, by, reason)


@parked.command()
def skip(
    service: Service, identity: Identity, *, by: By, reason: Reason, folder: Folder = DEFAULT_FOLDER
) -> None:
    """Leave it out for ever."""
    _order(folder, service, "skip", identity, by, reason)


def _order(folder: Folder, service: str, kind: str, identity: int, by: str, reason: str) -> None:
    import asyncio

    from deskstream_platform.operations import order_parked

    asyncio.run(order_parked(folder, service, kind, identity, (by, reason)))
    typer.echo(f"Ordered: {kind} of {identity}. The owner of the partition carries it out.")
