"""`deskstream contracts`: what each service promises, written down."""

from pathlib import Path
from typing import Annotated

import typer

from deskstream_platform.errors import PlatformError


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(contracts)


def contracts(
    services: Annotated[
        Path, typer.Argument(help="The folder of the services' sources.", metavar="SERVICES")
    ] = Path("services"),
) -> None:
    """Write the OpenAPI and AsyncAPI documents of every service below its sources."""
    from deskstream_platform.contracts import contracts as documents
    from deskstream_platform.service import SERVICES

    for service in SERVICES:
        folder = services / service.name / "contracts"
        if not folder.is_dir():
            raise PlatformError(f"There is no {folder}: name the folder of the services' sources.")
        for name, text in documents(service.module, folder / "examples").items():
            (folder / name).write_text(text, encoding="utf-8")
            typer.echo(folder / name)
