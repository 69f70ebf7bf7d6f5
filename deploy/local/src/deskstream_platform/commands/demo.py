"""`deskstream demo`: an incident, its clock, its breach, and a real company's log."""

import asyncio
from typing import Annotated

import typer

from deskstream_platform.options import DEFAULT_FOLDER, Folder


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    *,
    folder: Folder = DEFAULT_FOLDER,
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PORT", help="A port for postgres, kafka or a service."),
    ] = None,
    exit_: Annotated[
        bool, typer.Option("--exit", help="End by itself, with 0 if all was as expected.")
    ] = False,
) -> None:
    """Bring everything up and show what it does, until Ctrl-C."""
    from deskstream_platform.demo.page import Page
    from deskstream_platform.demo.run import Demo
    from deskstream_platform.interrupt import until_interrupted
    from deskstream_platform.settings import platform_settings

    run = Demo(platform_settings(folder, port or []), Page())
    asyncio.run(until_interrupted(run.give(stay=not exit_)))
    if run.differences or (exit_ and not run.ended):
        raise typer.Exit(1)
