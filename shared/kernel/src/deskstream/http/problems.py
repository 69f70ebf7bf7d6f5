"""Refusals as RFC 9457 problem documents: a stable type, a sentence that helps, the field."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from deskstream.database import TRANSIENT
from deskstream.decider import Refusal
from deskstream.gate import WriteGate
from deskstream.http.openapi import Fault, ProblemDocument, describe_problems
from deskstream.observe import correlation_id, trace_id

MEDIA_TYPE = "application/problem+json"
TYPE = "https://deskstream.example/problems/"
RETRY_SECONDS = 1
MOST_FAULTS = 100
LONGEST_ECHO = 500

log = structlog.stdlib.get_logger(__name__)


class Problem(HTTPException):
    """An answer that says why not, and what to do.

    Args:
        code: stable and machine-readable, in kebab-case; the last part of `type`.
        detail: a sentence for people.
        field: the name of the body's field or the parameter that was wrong.
        headers: to be sent along.
        more: further members of the document.

    Attributes:
        lasting: whether the same request is to be answered so from now on.
    """

    lasting = False

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401  it becomes JSON
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.field = field
        self.more = more

    @classmethod
    def of(cls, refusal: Refusal) -> "Problem":
        """How a refusal of the domain is told: 422 about a field, 409 about the state."""
        wait, field = refusal.retry_after, refusal.field
        problem = cls(422 if field else 409, refusal.code, refusal.detail, field=field)
        problem.headers = None if wait is None else {"Retry-After": str(wait)}
        problem.lasting = wait is None
        return problem

    def response(self) -> Response:
        """The answer to send."""
        document = ProblemDocument(
            type=TYPE + self.code,
            title=HTTPStatus(self.status_code).phrase,
            status=self.status_code,
            detail=self.detail,
            field=self.field,
            trace_id=trace_id() or correlation_id(),
            **self.more,
        )
        text = json.dumps(document.model_dump(exclude_none=True))
        return Response(text, self.status_code, dict(self.headers or {}), MEDIA_TYPE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with it, as an ASGI application."""
        await self.response()(scope, receive, send)


def not_found() -> Problem:
    """What is not there, or not for the caller to see: both look the same."""
    return Problem(404, "not-found", "There is no such thing here, or you may not see it.")


def busy(detail: str, status: int = 503, code: str = "busy") -> Problem:
    """What may succeed a moment later."""
    return Problem(status, code, detail, headers={"Retry-After": str(RETRY_SECONDS)})


def assert_open(gate: WriteGate) -> None:
    """Refuse to write while the service must not; to be asked with a connection in hand."""
    if gate.reason is not None:
        raise busy(f"Nothing can be written just now: {gate.reason}")


def internal_error(error: Exception) -> Problem:
    """Log what nobody foresaw, and tell the caller nothing of it but where to find it."""
    log.error("request failed", exc_info=error)
    return Problem(500, "internal-error", "Something failed on our side. Please quote trace_id.")


def answer_with_problems(app: FastAPI) -> None:
    """Make every refusal of this application, foreseen or not, a problem document."""
    app.exception_handler(HTTPException)(_on_http_exception)
    app.exception_handler(RequestValidationError)(_on_invalid_request)
    for error in TRANSIENT:
        app.exception_handler(error)(_on_transient)
    describe_problems(app)


async def _on_http_exception(request: Request, error: HTTPException) -> Response:
    if isinstance(error, Problem):
        return error.response()
    if error.status_code == HTTPStatus.NOT_FOUND:
        return not_found().response()
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(_allowed_methods(request))
        detail = f"Here only {allowed} can be done."
        return Problem(405, "method-not-allowed", detail, headers={"Allow": allowed}).response()
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return _unreadable_body().response()
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "-")
    return Problem(error.status_code, code, phrase, headers=error.headers).response()


def _allowed_methods(request: Request) -> list[str]:
    """The methods of all routes at this path; the framework names those of one route only."""
    here = (
        one.methods or set[str]()
        for one in iter_route_contexts(request.app.routes)
        if compile_path(one.path or "")[0].match(request.scope["path"])
    )
    return sorted(set[str]().union(*here))


async def _on_invalid_request(_request: Request, error: RequestValidationError) -> Response:
    if isinstance(error.body, bytes):
        detail = "Send the body as JSON, with the header Content-Type: application/json."
        return Problem(422, "not-json", detail, field="Content-Type").response()
    if any(fault["type"] == "json_invalid" for fault in error.errors()):
        return _unreadable_body().response()
    # A body of a megabyte can hold a fault every other byte.
    faults = [_fault(fault) for fault in error.errors()[:MOST_FAULTS]]
    detail = "; ".join(f"{fault.field}: {fault.detail}" for fault in faults[:5]) + "."
    field = faults[0].field if len(faults) == 1 else None
    return Problem(422, "invalid-request", detail, field=field, errors=faults).response()


def _unreadable_body() -> Problem:
    detail = "The body cannot be read: it is no JSON, too deeply nested, or not UTF-8."
    return Problem(400, "unreadable-body", detail)


def _fault(fault: Mapping[str, Any]) -> Fault:
    """One validation error, without the value: it may be a secret, or break the document."""
    where = fault["loc"][0]
    path = [_printable(step) for step in (*fault["loc"][1:], *fault.get("ctx", {}).get("path", ()))]
    pointer = _pointer(path) if where == "body" else None
    name = ".".join(path) or str(where)
    return Fault(field=name, detail=_printable(fault["msg"]), source=str(where), pointer=pointer)


def _pointer(path: Sequence[str]) -> str:
    steps = (step.replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)


def _printable(text: str | int) -> str:
    """What callers made up is shortened, and free of what breaks the document."""
    return str(text)[:LONGEST_ECHO].encode("utf-8", "replace").decode()


async def _on_transient(_request: Request, error: Exception) -> Response:
    log.warning("database away or overloaded", error=repr(error))
    return busy("The database does not answer just now. Please try again.").response()
