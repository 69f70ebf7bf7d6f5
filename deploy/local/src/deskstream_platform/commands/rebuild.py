"""`deskstream rebuild`: make a projection anew from the service's own events."""

from typing import Annotated

import typer

from deskstream_platform.options import DEFAULT_FOLDER, Folder


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rebuild)


def rebuild(
    service: Annotated[str, typer.Argument(help="Such as incident.")],
    projection: Annotated[str, typer.Argument(help="Such as incidents.")],
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Make a projection anew from the service's own events, while the service serves."""
    import asyncio

    from deskstream.operating.rebuild import CannotSwitch
    from deskstream.operating.rebuild import rebuild as rebuild_projection
    from deskstream_platform.errors import PlatformError
    from deskstream_platform.operations import definition, running

    database = running(folder, service).database
    aggregates = definition(service).aggregates
    try:
        folded = asyncio.run(rebuild_projection(database, aggregates, projection))
    except (LookupError, CannotSwitch) as error:
        raise PlatformError(str(error)) from None
    typer.echo(f"{projection} of {service} was made anew from {folded} events.")
