"""What two incidents have to do with each other changes both at once."""

from uuid import UUID

from fastapi import APIRouter, Response

from deskstream.database import Pool
from deskstream.decider import ToldAfterwards
from deskstream.http.conditions import Asked
from deskstream.http.problems import not_found
from deskstream.http.routes import Route
from incident.api.parts import Database, Incidents, Known, may
from incident.commands.family import BecomeChild, TakeChild
from incident.commands.links import LinkIncident
from incident.commands.merging import MergeInto, TakeIn
from incident.queries import IncidentView, logged, peer_of
from incident.terms import Number
from incident.terms.related import LinkKind, Peer

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
async def link(
    id: UUID, body: LinkIncident, ask: Asked, incidents: Incidents, catalogue: Known
) -> Response:
    """Say what it is connected with, by the number of that; a service, by its id."""
    if body.kind is LinkKind.AFFECTED_SERVICE:
        await catalogue.knowing(service=body.to)
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
