"""The routes of a priority that a lead sets."""

from uuid import UUID

from fastapi import APIRouter, Response

from deskstream.http.conditions import Asked
from deskstream.http.routes import Route
from incident.api.parts import Incidents, may
from incident.commands.overriding import EndOverride, OverridePriority
from incident.queries import IncidentView

routes = APIRouter(tags=["incidents"], route_class=Route)


@routes.post(
    "/incidents/{id}/priority/override",
    dependencies=[may(OverridePriority)],
    response_model=IncidentView,
)
async def override(id: UUID, body: OverridePriority, ask: Asked, incidents: Incidents) -> Response:
    """Let another priority count for a time than the one that was looked up."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/priority/override/end",
    dependencies=[may(EndOverride)],
    response_model=IncidentView,
)
async def end_override(
    id: UUID, ask: Asked, incidents: Incidents, body: EndOverride | None = None
) -> Response:
    """Let the priority count that was looked up."""
    return await incidents.change(ask, id, body or EndOverride())
