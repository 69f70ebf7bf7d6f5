"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path,
    typer.Option(envvar="DESKSTREAM_FOLDER", help="Where data, logs and keys of the platform are."),
]

DEFAULT_FOLDER = Path(".deskstream")
