"""Which callers a route admits. A route that does not say admits nobody, and does not start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request, params
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security.base import SecurityBase

from deskstream.access import Principal, is_loopback
from deskstream.decider import Role
from deskstream.http.problems import Problem, busy
from deskstream.http.tokens import KeysUnavailable, TokenVerifier, Unauthenticated


class UndeclaredRoute(Exception):
    """A route does not say whom it admits."""


class Permission(SecurityBase):
    """Admits callers of some roles, and machines by scope.

    Args:
        roles: any of them is admitted.
        scope: a caller of role `service` is admitted with it, and only with it.
    """

    def __init__(self, roles: frozenset[Role], scope: str | None) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = "bearer"
        self.roles = roles - {Role.SERVICE}
        self.scope = scope

    async def __call__(self, request: Request) -> None:
        """Recognise the caller and let pass or refuse."""
        principal = await authenticate(request)
        if principal.role not in self.roles and not self.admits_machine(principal):
            raise _forbidden(principal)
        request.scope["principal"] = principal

    def admits_machine(self, principal: Principal) -> bool:
        """Whether the caller is a machine with the scope."""
        return principal.role is Role.SERVICE and self.scope in principal.scopes


class LoopbackOr(Permission):
    """Admits this machine without a token, and others as declared."""

    async def __call__(self, request: Request) -> None:
        """Let pass or refuse."""
        # Behind a proxy on this machine everybody would seem to call from here.
        forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        if forwarded or request.client is None or not is_loopback(request.client.host):
            await super().__call__(request)


def Needs(*roles: Role, scope: str | None = None) -> params.Security:  # noqa: N802  it reads as a declaration
    """Whom a route admits: `dependencies=[Needs(Role.AGENT, Role.LEAD)]`."""
    return params.Security(Permission(frozenset(roles), scope))


async def _open() -> None:
    """Admit everybody."""


OPEN = params.Depends(_open)
METRICS_READERS = params.Security(LoopbackOr(frozenset(), "metrics"))


async def authenticate(request: Request) -> Principal:
    """The caller by the token in the request."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise _unauthenticated("Send a token: `Authorization: Bearer …`.", "Bearer")
    verifier: TokenVerifier = request.app.state.verifier
    try:
        return await verifier.verify(token)
    except Unauthenticated:
        detail = "The token is not valid here, or has expired. Get a new one."
        raise _unauthenticated(detail, 'Bearer error="invalid_token"') from None
    except KeysUnavailable:
        raise busy("The issuer's keys cannot be had just now. Please try again.") from None


async def _caller(request: Request) -> Principal:
    principal: Principal = request.scope["principal"]
    return principal


@dataclass(frozen=True, slots=True)
class _Held:
    name: str

    async def __call__(self, request: Request) -> object:
        found: object = getattr(request.app.state, self.name, None)
        if found is None:
            raise busy("The service is starting. Please try again.")
        return found


def held(name: str) -> params.Depends:
    """What the composition root puts into `app.state` under this name, once it is there."""
    return params.Depends(_Held(name))


Caller = Annotated[Principal, Depends(_caller)]


def assert_every_route_declares(app: FastAPI) -> None:
    """Refuse to start with a route that forgot to say whom it admits.

    Raises:
        UndeclaredRoute: naming all of them.
    """
    routes = iter_route_contexts(app.routes)
    if undeclared := [str(route.path) for route in routes if not _declares(route)]:
        message = f"no Needs(…) or OPEN on {', '.join(undeclared)}"
        raise UndeclaredRoute(message)


def _declares(route: RouteContext) -> bool:
    dependant: Dependant | None = getattr(route, "dependant", None)
    return dependant is not None and _guarded(dependant)


def _guarded(dependant: Dependant) -> bool:
    return any(isinstance(one, Permission) or one is _open for one in _calls(dependant))


def names_held(app: FastAPI) -> set[str]:
    """What its routes expect to find by `held`."""
    routes = [getattr(route, "dependant", None) for route in iter_route_contexts(app.routes)]
    calls = [call for dependant in routes if dependant for call in _calls(dependant)]
    return {call.name for call in calls if isinstance(call, _Held)}


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def _unauthenticated(detail: str, challenge: str) -> Problem:
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def _forbidden(principal: Principal) -> Problem:
    detail = f"The role {principal.role.value} may not do this, with the scopes of this token."
    return Problem(403, "forbidden", detail)
