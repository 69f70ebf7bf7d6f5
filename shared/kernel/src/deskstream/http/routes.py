"""A route asks who calls before it reads what was sent, and is handed what no caller sends."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from fastapi import APIRouter, FastAPI, Request, Response, params
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import BaseRoute

from deskstream.http.permissions import Permission
from deskstream.http.problems import busy


class UndeclaredRoute(Exception):
    """A route does not say whom it admits."""


@dataclass(frozen=True, slots=True)
class Given:
    """Marks a parameter that no caller sends: `Annotated[Ask, Given(_ask)]`.

    FastAPI's own dependencies do the same for ten times the work.

    Args:
        find: what the parameter is to be, for this request.
        headers: that it is made of, for the API's description.
        part: the name of the part of the service that it is, if it is one.
    """

    find: Callable[[Request], Awaitable[object]]
    headers: tuple[Mapping[str, Any], ...] = ()
    part: str | None = None


class Route(APIRoute):
    """A route of a service: `APIRouter(route_class=Route)`.

    FastAPI reads and parses a body before it solves a dependency, so that a stranger would hear
    what is wrong with it. Here the permission is asked first.

    Raises:
        UndeclaredRoute: its dependencies are not one `Needs(…)` or `OPEN`.
    """

    permission: Permission
    query_names: frozenset[str] | None
    parts: set[str]

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Iterable[params.Depends] | None = None,
        **options: Any,  # noqa: ANN401  whatever else FastAPI knows
    ) -> None:
        asked = [one.dependency for one in dependencies or ()]
        if len(asked) != 1 or not isinstance(asked[0], Permission):
            message = f"no Needs(…) or OPEN, and nothing else, on {path}"
            raise UndeclaredRoute(message)
        self.permission = asked[0]
        given = _given(endpoint)
        options["openapi_extra"] = {**self.permission.description, **_headers(given.values())}
        super().__init__(path, _handing_over(endpoint, given), **options)
        self.query_names = _query_names(self)
        self.parts = {one.part for one in given.values() if one.part}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Ask for permission, then do what FastAPI does."""
        handle = super().get_route_handler()

        async def admit_and_handle(request: Request) -> Response:
            await self.permission(request)
            return await handle(request)

        return admit_and_handle


def _given(endpoint: Callable[..., Any]) -> dict[str, Given]:
    return {
        name: mark
        for name, hint in get_type_hints(endpoint, include_extras=True).items()
        for mark in getattr(hint, "__metadata__", ())
        if isinstance(mark, Given)
    }


def _headers(given: Iterable[Given]) -> dict[str, Any]:
    headers = [dict(header, **{"in": "header"}) for one in given for header in one.headers]
    return {"parameters": headers} if headers else {}


def _handing_over(endpoint: Callable[..., Any], given: Mapping[str, Given]) -> Callable[..., Any]:
    """The endpoint as FastAPI is to see it: without what it is given."""
    if not given:
        return endpoint

    @functools.wraps(endpoint)
    async def handing_over(request: Request, **sent: object) -> object:
        for name, one in given.items():
            sent[name] = await one.find(request)
        return await endpoint(**sent)

    signature = inspect.signature(endpoint)
    sent = [one for name, one in signature.parameters.items() if name not in given]
    request = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    handing_over.__signature__ = signature.replace(parameters=[*sent, request])  # type: ignore[attr-defined]  # what inspect reads
    return handing_over


def _query_names(route: APIRoute) -> frozenset[str] | None:
    """The query parameters of a route; None if a model of its own refuses the others."""
    fields = route.dependant.query_params
    kinds = (field.field_info.annotation for field in fields)
    if any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds):
        return None
    return frozenset(field.alias for field in fields)


def held(name: str) -> Given:
    """What the composition root puts into `app.state` under this name, once it is there."""

    async def find(request: Request) -> object:
        found: object = getattr(request.app.state, name, None)
        if found is None:
            raise busy("The service is starting. Please try again.")
        return found

    return Given(find, part=name)


def plain_routes(*routers: APIRouter) -> list[BaseRoute]:
    """The routes of all these, for one list: FastAPI matches what it includes twice."""
    return [one for router in routers for one in _routes(router)]


def assert_every_route_declares(app: FastAPI) -> None:
    """Refuse to start with a route that is not a `Route`, and so admits everybody.

    Raises:
        UndeclaredRoute: naming all of them.
    """
    if others := [str(one.path) for one in _routes(app) if not isinstance(one, Route)]:
        message = f"no Route: {', '.join(others)}"
        raise UndeclaredRoute(message)


def names_held(app: FastAPI) -> set[str]:
    """What its routes expect to find by `held`."""
    return {part for one in _routes(app) if isinstance(one, Route) for part in one.parts}


def _routes(within: FastAPI | APIRouter) -> Iterator[Any]:
    return (one.original_route for one in iter_route_contexts(within.routes))
