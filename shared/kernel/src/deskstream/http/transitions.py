"""The routes of an aggregate's life, as a table: `POST /incidents/{id}/hold` is PutOnHold."""

from collections.abc import Awaitable, Callable, Mapping
from inspect import cleandoc
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response, params
from pydantic import BaseModel

from deskstream.decider import Command
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked
from deskstream.http.routes import held


def transition_routes(
    routes: APIRouter,
    path: str,
    commands: Mapping[str, type[Command]],
    *,
    desk: str,
    view: type[BaseModel],
    needs: Callable[[Any], params.Depends],
) -> None:
    """A route for each command, which is the request's body and may be left out if it is empty.

    Args:
        routes: to which they are added.
        path: of one item, with `{id}`.
        commands: by the last part of the route's path. Their docstrings describe the routes.
        desk: the name under which the desk is held.
        view: how the item is shown.
        needs: whom the route of a command admits.
    """
    for noun, command in commands.items():
        routes.post(
            f"{path}/{noun}",
            name=noun.replace("/", "_"),
            description=cleandoc(command.__doc__ or ""),
            dependencies=[needs(command)],
            response_model=view,
        )(_carrying_out(command, desk))


def _carrying_out(command: type[Command], held_as: str) -> Callable[..., Awaitable[Response]]:
    must_be_sent = any(field.is_required() for field in command.model_fields.values())
    kind = command if must_be_sent else command | None
    sent = Body(... if must_be_sent else None)

    async def carry_out(
        id: UUID,
        ask: Asked,
        desk: Annotated[Desk[Any, Any, Any], held(held_as)],
        body: kind = sent,  # type: ignore[valid-type]  # made just above
    ) -> Response:
        return await desk.change(ask, id, body or command())

    return carry_out
