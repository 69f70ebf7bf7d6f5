"""What incidents have to do with each other and with other matters, over HTTP."""

from uuid import UUID

from fastapi import APIRouter, Response

from deskstream.database import Pool
from deskstream.decider import ToldAfterwards
from deskstream.http.conditions import Asked
from deskstream.http.problems import not_found
from deskstream.http.routes import Route
from incident.api.parts import Database, Incidents, may
from incident.commands.conversion import ConvertToRequest
from incident.commands.family import (
    BecomeChild,
    LeaveParent,
    MakeDependent,
    MakeIndependent,
    TakeChild,
)
from incident.commands.links import LinkIncident, UnlinkIncident
from incident.commands.merging import MergeInto, TakeIn
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.commands.work import RecordWork
from incident.queries import IncidentView, logged, peer_of
from incident.terms import Number
from incident.terms.related import Peer

routes = APIRouter(tags=["incidents"], route_class=Route)
LATE = set(ToldAfterwards.model_fields)


class NewParent(ToldAfterwards):
    """Which incident it is handled through from now on."""

    parent: Number
    independent: bool = False


class Merger(ToldAfterwards):
    """Of which incident it is a duplicate."""

    into: Number


@routes.post("/incidents/{id}/parent", dependencies=[may(BecomeChild)], response_model=IncidentView)
async def become_child(
    id: UUID, body: NewParent, ask: Asked, incidents: Incidents, pool: Database
) -> Response:
    """Handle it through another, and resolve it with that one unless it is independent."""
    child, parent = await _both(pool, id, body.parent)
    late = body.model_dump(include=LATE)
    become = BecomeChild(parent=parent.ref, independent=body.independent, **late)
    take = TakeChild(child=child.ref, **late)
    return await incidents.change_many(ask, {child.id: become, parent.id: take})


@routes.post(
    "/incidents/{id}/departure", dependencies=[may(LeaveParent)], response_model=IncidentView
)
async def leave_parent(
    id: UUID, ask: Asked, incidents: Incidents, body: LeaveParent | None = None
) -> Response:
    """Handle it by itself again."""
    return await incidents.change(ask, id, body or LeaveParent())


@routes.post(
    "/incidents/{id}/independence", dependencies=[may(MakeIndependent)], response_model=IncidentView
)
async def make_independent(
    id: UUID, ask: Asked, incidents: Incidents, body: MakeIndependent | None = None
) -> Response:
    """Leave it open when its parent is resolved."""
    return await incidents.change(ask, id, body or MakeIndependent())


@routes.post(
    "/incidents/{id}/dependence", dependencies=[may(MakeDependent)], response_model=IncidentView
)
async def make_dependent(
    id: UUID, ask: Asked, incidents: Incidents, body: MakeDependent | None = None
) -> Response:
    """Resolve it with its parent after all."""
    return await incidents.change(ask, id, body or MakeDependent())


@routes.post("/incidents/{id}/merger", dependencies=[may(MergeInto)], response_model=IncidentView)
async def merge(
    id: UUID, body: Merger, ask: Asked, incidents: Incidents, pool: Database
) -> Response:
    """End it as a duplicate of another of the same caller, which goes on for both."""
    duplicate, survivor = await _both(pool, id, body.into)
    events = await incidents.read(ask.by, id, "item")
    moving = logged(incidents.aggregate.fold(events)).moving
    late = body.model_dump(include=LATE)
    into = MergeInto(survivor=survivor, belongings=moving, **late)
    take = TakeIn(duplicate=duplicate, belongings=moving, **late)
    return await incidents.change_many(ask, {duplicate.id: into, survivor.id: take})


@routes.post("/incidents/{id}/links", dependencies=[may(LinkIncident)], response_model=IncidentView)
async def link(id: UUID, body: LinkIncident, ask: Asked, incidents: Incidents) -> Response:
    """Say what it is connected with."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/unlinking", dependencies=[may(UnlinkIncident)], response_model=IncidentView
)
async def unlink(id: UUID, body: UnlinkIncident, ask: Asked, incidents: Incidents) -> Response:
    """Say that it is not connected after all."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/watchers", dependencies=[may(WatchIncident)], response_model=IncidentView
)
async def watch(
    id: UUID, ask: Asked, incidents: Incidents, body: WatchIncident | None = None
) -> Response:
    """See it, and hear what happens to it."""
    return await incidents.change(ask, id, body or WatchIncident())


@routes.post(
    "/incidents/{id}/unwatching", dependencies=[may(UnwatchIncident)], response_model=IncidentView
)
async def unwatch(
    id: UUID, ask: Asked, incidents: Incidents, body: UnwatchIncident | None = None
) -> Response:
    """Hear no more of it."""
    return await incidents.change(ask, id, body or UnwatchIncident())


@routes.post("/incidents/{id}/work", dependencies=[may(RecordWork)], response_model=IncidentView)
async def record_work(id: UUID, body: RecordWork, ask: Asked, incidents: Incidents) -> Response:
    """Say how long somebody worked on it, and at what."""
    return await incidents.change(ask, id, body)


@routes.post(
    "/incidents/{id}/conversion", dependencies=[may(ConvertToRequest)], response_model=IncidentView
)
async def convert(id: UUID, body: ConvertToRequest, ask: Asked, incidents: Incidents) -> Response:
    """End it because somebody wants something, and nothing is broken."""
    return await incidents.change(ask, id, body)


async def _both(pool: Pool, identity: UUID, number: str) -> tuple[Peer, Peer]:
    """This one and the one of that number, whether the caller may see them or not.

    Raises:
        Problem: 404, one of them is not there.
    """
    one, other = await peer_of(pool, f"incident-{identity}"), await peer_of(pool, number)
    if one is None or other is None:
        raise not_found()
    return one, other
