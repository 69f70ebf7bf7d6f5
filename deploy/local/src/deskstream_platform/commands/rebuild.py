"""`deskstream rebuild`: make read models anew from events."""

from typing import Annotated

import typer

from deskstream_platform.options import DEFAULT_FOLDER, Folder


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rebuild)


def rebuild(
    service: Annotated[str, typer.Argument(help="Such as incident.")],
    name: Annotated[str | None, typer.Argument(help="Such as incidents; all by default.")] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Make read models anew while the service serves: of its own events, and copies of others'."""
    import asyncio

    from deskstream.operating.rebuild import CannotSwitch
    from deskstream_platform.errors import PlatformError
    from deskstream_platform.operations import make_anew

    def tell(what: str, events: int) -> None:
        typer.echo(f"{what} of {service} was made anew from {events} events.")

    try:
        asyncio.run(make_anew(folder, service, name, tell))
    except CannotSwitch as error:
        raise PlatformError(str(error)) from None
