"""`deskstream up`: the local platform until Ctrl-C."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from deskstream_platform.options import DEFAULT_FOLDER, Folder

if TYPE_CHECKING:
    from deskstream_platform.settings import PlatformSettings


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    folder: Folder = DEFAULT_FOLDER,
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PORT", help="A port for postgres, kafka or a service."),
    ] = None,
) -> None:
    """Run PostgreSQL, Kafka and the services on loopback until Ctrl-C.

    DESKSTREAM_POSTGRES_URL and DESKSTREAM_KAFKA name existing servers to use instead.
    """
    from deskstream_platform.interrupt import until_interrupted
    from deskstream_platform.settings import platform_settings

    settings = platform_settings(folder, port or [])
    asyncio.run(until_interrupted(_stay_up(settings)))


async def _stay_up(settings: "PlatformSettings") -> None:
    from rich.console import Console

    from deskstream_platform.supervisor import running_platform

    console = Console(highlight=False, soft_wrap=True)
    async with running_platform(settings, console.print) as platform:
        for name, service in platform.services.items():
            console.print(f"  {name:<12} {service.url}/docs")
        console.print("A token: deskstream token --as NAME --role agent. Ctrl-C stops.")
        try:
            await asyncio.Event().wait()
        finally:
            console.print("Stopping …")
