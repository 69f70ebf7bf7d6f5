"""What operators and their machines ask of a process, and the description of its API."""

from collections.abc import Callable, Sequence
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool

from deskstream.http.permissions import METRICS_READERS, OPEN
from deskstream.http.problems import Problem
from deskstream.http.routes import Route

# The page may run its own script and read the description, and nothing else.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'"
)
PAGE = (files("deskstream.http") / "docs.html").read_text(encoding="utf-8")


def health_routes(missing: Callable[[], Sequence[str]]) -> APIRouter:
    """Liveness, readiness, metrics, and the API's description.

    Args:
        missing: says, in sentences, what keeps the process from its work.
    """

    async def ready() -> dict[str, str]:
        """Whether it can do its work; if not, what is missing."""
        if sentences := missing():
            raise Problem(503, "not-ready", " ".join(sentences), missing=sentences)
        return {"status": "ready"}

    routes = APIRouter(tags=["operation"], route_class=Route)
    routes.get("/health/live", dependencies=[OPEN])(live)
    routes.get("/health/ready", dependencies=[OPEN])(ready)
    routes.get("/metrics", dependencies=[METRICS_READERS], include_in_schema=False)(metrics)
    routes.get("/openapi.json", dependencies=[OPEN], include_in_schema=False)(openapi)
    routes.get("/docs", dependencies=[OPEN], include_in_schema=False)(docs)
    return routes


async def live() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "live"}


async def metrics() -> Response:
    """Figures for Prometheus."""
    text = await run_in_threadpool(generate_latest)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


async def openapi(request: Request) -> JSONResponse:
    """The API's description as OpenAPI."""
    return JSONResponse(request.app.openapi())


async def docs() -> HTMLResponse:
    """The API's description for people."""
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})
