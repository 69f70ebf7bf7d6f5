"""The routes of a major incident."""

from uuid import UUID

from fastapi import APIRouter, Response

from deskstream.http.conditions import Asked
from deskstream.http.routes import Route
from incident.api.parts import Incidents, may
from incident.commands.major import (
    DeclareMajor,
    DeclineMajor,
    GiveMajorUpdate,
    NotifyManagement,
    ProposeMajor,
    ReviewMajor,
    StandDownMajor,
)
from incident.queries import IncidentView

routes = APIRouter(tags=["incidents"], route_class=Route)


@routes.post(
    "/incidents/{id}/major/proposal",
    dependencies=[may(ProposeMajor)],
    response_model=IncidentView,
)
async def propose_major(id: UUID, body: ProposeMajor, ask: Asked, incidents: Incidents) -> Response:
    """Say that it may be a major incident."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/major/refusal",
    dependencies=[may(DeclineMajor)],
    response_model=IncidentView,
)
async def decline_major(id: UUID, body: DeclineMajor, ask: Asked, incidents: Incidents) -> Response:
    """Say that it is none."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/major/declaration",
    dependencies=[may(DeclareMajor)],
    response_model=IncidentView,
)
async def declare_major(id: UUID, body: DeclareMajor, ask: Asked, incidents: Incidents) -> Response:
    """Make it a major incident."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/major/notices",
    dependencies=[may(NotifyManagement)],
    response_model=IncidentView,
)
async def notify_management(
    id: UUID, body: NotifyManagement, ask: Asked, incidents: Incidents
) -> Response:
    """Let somebody else of the management know."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/major/updates",
    dependencies=[may(GiveMajorUpdate)],
    response_model=IncidentView,
)
async def give_major_update(
    id: UUID, body: GiveMajorUpdate, ask: Asked, incidents: Incidents
) -> Response:
    """Tell all who suffer from it how it stands."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/major/end",
    dependencies=[may(StandDownMajor)],
    response_model=IncidentView,
)
async def stand_down_major(
    id: UUID, body: StandDownMajor, ask: Asked, incidents: Incidents
) -> Response:
    """Say that the service is restored."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/major/review",
    dependencies=[may(ReviewMajor)],
    response_model=IncidentView,
)
async def review_major(id: UUID, body: ReviewMajor, ask: Asked, incidents: Incidents) -> Response:
    """Say what was learnt from it."""
    return await incidents.change(ask, id, body)
