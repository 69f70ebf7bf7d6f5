"""`deskstream replay`: tell another tool's audit log to the system, as it happened."""

from pathlib import Path
from typing import Annotated

import typer

from deskstream_platform.options import DEFAULT_FOLDER, Folder

File = Annotated[Path, typer.Argument(help="The log: CSV, plain, gzipped or zipped.")]
Mapping = Annotated[
    str, typer.Option(help="A TOML file, or the name of a mapping that ships: servicenow.")
]
Into = Annotated[
    str | None, typer.Option(metavar="URL", help="The incident service, if not the folder's.")
]
Speed = Annotated[str, typer.Option(metavar="N|max", help="Seconds of history told in a second.")]
Name = Annotated[
    str | None, typer.Option(help="Of the import; by it a second run finds the first.")
]
Organisation = Annotated[
    str | None, typer.Option(help="The customer's id; else it is registered as the mapping says.")
]
Token = Annotated[
    str | None,
    typer.Option(envvar="DESKSTREAM_TOKEN", help="Of another issuer: scope import."),
]
Report = Annotated[Path | None, typer.Option(help="Where refused rows are listed, as CSV.")]
End = Annotated[bool, typer.Option("--end", help="This is all: its tickets live on from now.")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)


def replay(
    file: File,
    *,
    mapping: Mapping,
    into: Into = None,
    speed: Speed = "max",
    name: Name = None,
    organisation: Organisation = None,
    token: Token = None,
    report: Report = None,
    end: End = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Tell another tool's audit log to the system, with its times and numbers kept.

    Interrupted, it goes on where it was when it is run again; run twice, it changes nothing.
    """
    import asyncio

    from deskstream_platform.interrupt import until_interrupted
    from deskstream_platform.replay.mapping_file import read_mapping
    from deskstream_platform.replay.run import Run, speed_of

    run = Run(
        file=file,
        mapping=read_mapping(mapping),
        name=name,
        into=into,
        speed=speed_of(speed),
        organisation=organisation,
        token=token,
        report=report or Path(f"{file.name}.refused.csv"),
        ends=end,
        folder=folder,
    )
    asyncio.run(until_interrupted(run.give()))
    if not run.is_complete:
        raise typer.Exit(1)
