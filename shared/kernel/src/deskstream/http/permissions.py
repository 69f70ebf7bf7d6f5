"""Which callers a route admits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, params

from deskstream.access import Principal
from deskstream.decider import Role
from deskstream.http.problems import Problem, busy
from deskstream.http.tokens import KeysUnavailable, TokenVerifier, Unauthenticated
from deskstream.settings import is_loopback


class Permission:
    """Admits everybody.

    Attributes:
        description: what the API's description says of it.
    """

    description: Mapping[str, Any] = {}

    async def __call__(self, request: Request) -> None:
        """Let pass or refuse."""


@dataclass(frozen=True)
class ForCallers(Permission):
    """Admits callers of some roles, and machines by scope.

    Args:
        roles: any of them is admitted, but for `service`.
        scope: a caller of role `service` is admitted with it, and only with it.
    """

    roles: frozenset[Role]
    scope: str | None
    description = {"security": [{"bearer": []}]}  # noqa: RUF012  it is the same for all

    async def __call__(self, request: Request) -> None:
        """Recognise the caller and let pass or refuse."""
        principal = await authenticate(request)
        if not self.admits(principal):
            detail = f"The role {principal.role} may not do this, with the scopes of this token."
            raise Problem(403, "forbidden", detail)
        request.scope["principal"] = principal

    def admits(self, principal: Principal) -> bool:
        """Whether the caller's role, or a machine's scope, is among those named."""
        if principal.role is Role.SERVICE:
            return self.scope in principal.scopes
        return principal.role in self.roles


class LoopbackOr(ForCallers):
    """Admits this machine without a token, and others as declared."""

    async def __call__(self, request: Request) -> None:
        """Let pass or refuse."""
        # Behind a proxy on this machine everybody would seem to call from here.
        forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        if forwarded or request.client is None or not is_loopback(request.client.host):
            await super().__call__(request)


def Needs(*roles: Role, scope: str | None = None) -> params.Depends:  # noqa: N802  it reads as a declaration
    """Whom a route admits: `dependencies=[Needs(Role.AGENT, Role.LEAD)]`."""
    return params.Depends(ForCallers(frozenset(roles), scope))


OPEN = params.Depends(Permission())
METRICS_READERS = params.Depends(LoopbackOr(frozenset(), "metrics"))


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


def _unauthenticated(detail: str, challenge: str) -> Problem:
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": challenge})
