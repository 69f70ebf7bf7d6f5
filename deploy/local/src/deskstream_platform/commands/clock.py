"""`deskstream clock`: working-time questions, answered without any server."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deskstream_platform.errors import PlatformError


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    clock = typer.Typer(no_args_is_help=True, help="Working time and due times.")
    clock.command()(simulate)
    # One command alone would otherwise stand for the whole group.
    clock.callback()(lambda: None)
    app.add_typer(clock, name="clock")


def simulate(
    cases: Annotated[Path, typer.Argument(help="A JSON list of cases.", metavar="CASES.json")],
) -> None:
    """Print, as a JSON list, what becomes of each case's clock."""
    from deskstream_worktime.simulate import simulate as answer

    typer.echo(json.dumps(answer(_read(cases)), indent=2, ensure_ascii=False))


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        cases = json.loads(path.read_bytes())
    except OSError as error:
        raise PlatformError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise PlatformError(f"{path} is not JSON: {error}.") from error
    if not isinstance(cases, list):
        raise PlatformError(f"{path} holds no JSON list of cases.")
    return cases
