"""The command `deskstream`: one module of `commands` for each group of its commands."""

import logging
from importlib import import_module
from pkgutil import iter_modules

import typer

from deskstream_platform import commands
from deskstream_platform.errors import PlatformError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

for command in iter_modules(commands.__path__):
    import_module(f"{commands.__name__}.{command.name}").add_to(app)


def main() -> None:
    """Run a command; a wrong turn ends in one sentence and exit status 1."""
    # Libraries that log what we tell the user ourselves shall not do so on the screen.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        app()
    except PlatformError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
