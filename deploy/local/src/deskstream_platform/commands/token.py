"""`deskstream token`: a bearer token from the local issuer."""

from typing import Annotated

import typer

from deskstream_platform.options import DEFAULT_FOLDER, Folder


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(token)


def token(
    *,
    name: Annotated[str, typer.Option("--as", help="Whom the token speaks for.")],
    role: Annotated[
        str, typer.Option(help="requester, customer, agent, lead, owner, auditor or service.")
    ],
    org: Annotated[str | None, typer.Option(help="The organisation.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group; repeatable.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="A scope; repeatable.")] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Print a token, valid for eight hours, for the services of this folder."""
    from deskstream_platform.folder import told_in_a_sentence
    from deskstream_platform.issuer import Person, issue_token

    person = Person(name, role, org, group or (), scope or ())
    with told_in_a_sentence(folder):
        typer.echo(issue_token(folder, person))
