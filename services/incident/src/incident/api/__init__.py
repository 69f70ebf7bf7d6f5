"""The HTTP side of incident."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from uuid_utils import uuid7

from deskstream.decider import Role
from deskstream.http.conditions import Asked, Reading, json_response
from deskstream.http.feed import Position, add_feed
from deskstream.http.history import Entry
from deskstream.http.lists import Counts, Limit, Page
from deskstream.http.permissions import Needs
from deskstream.http.problems import Problem
from deskstream.http.routes import Route, held
from deskstream.http.transitions import transition_routes
from deskstream.input import Moment
from deskstream.numbers import Numbers
from incident.api import related
from incident.api.bodies import (
    Assignment,
    Escalation,
    NewClassification,
    NewIncident,
    NewPriority,
)
from incident.api.bulk import Bulk, BulkAnswer, BulkChange
from incident.api.parts import Database, Incidents, Known, may
from incident.commands.conversation import AddComment, AddNote
from incident.commands.conversion import ConvertToRequest
from incident.commands.ending import (
    CancelIncident,
    CloseIncident,
    ConfirmResolution,
    ReopenIncident,
    ResolveIncident,
)
from incident.commands.family import LeaveParent, MakeDependent, MakeIndependent
from incident.commands.holding import PutOnHold, ResumeWork
from incident.commands.links import UnlinkIncident
from incident.commands.major import (
    DeclareMajor,
    DeclineMajor,
    GiveMajorUpdate,
    NotifyManagement,
    ProposeMajor,
    ReviewMajor,
    StandDownMajor,
)
from incident.commands.overriding import EndOverride, OverridePriority
from incident.commands.triage import (
    AssignIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
    ReclassifyIncident,
    TakeIncident,
)
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.commands.work import RecordWork, StartWork
from incident.decider.people import IMPORTING
from incident.queries import IncidentView
from incident.queries.handover import Handover, HandoverQuery, read_handover
from incident.queries.listing import (
    INCIDENT_LISTING,
    IncidentCounts,
    IncidentQuery,
    IncidentRow,
    OwnCounts,
    OwnQuery,
)

routes = APIRouter(tags=["incidents"], route_class=Route)
ANYBODY = (Role.REQUESTER, Role.CUSTOMER, Role.AGENT, Role.LEAD)
READER = Needs(*ANYBODY, Role.OWNER, Role.AUDITOR, scope="read")
STREAMER = Needs(*ANYBODY, Role.OWNER, Role.AUDITOR, scope="stream")
STAFF_ONLY = Needs(Role.AGENT, Role.LEAD)
SEVERAL = Needs(Role.AGENT, Role.LEAD, scope=IMPORTING)

Drawn = Annotated[Numbers, held("numbers")]


@routes.post(
    "/incidents", dependencies=[may(LogIncident)], status_code=201, response_model=IncidentView
)
async def log_incident(
    body: NewIncident, ask: Asked, incidents: Incidents, numbers: Drawn, catalogue: Known
) -> Response:
    """Log an incident."""
    by = ask.by
    known = await catalogue.knowing(organisation=body.names_for(by), service=body.service)
    parties = await catalogue.parties()
    command = body.command(by, await numbers.draw(), known.tables, parties)
    return await incidents.create(ask, uuid7(), command, location="/incidents/{}")


@routes.get("/incidents", dependencies=[READER], response_model=Page[IncidentRow])
async def list_incidents(
    query: Annotated[IncidentQuery, Query()], look: Reading, pool: Database
) -> Response:
    """List incidents, the newest first unless `sort` says otherwise."""
    return await INCIDENT_LISTING.page(pool, look, OwnQuery.of(look.by, query), IncidentRow.of)


@routes.get("/incidents/counts", dependencies=[READER], response_model=Counts)
async def count_incidents(
    query: Annotated[IncidentCounts, Query()], look: Reading, pool: Database
) -> Response:
    """Count incidents."""
    return await INCIDENT_LISTING.count(pool, look, OwnCounts.of(look.by, query))


@routes.get("/handover", dependencies=[STAFF_ONLY], response_model=Handover)
async def handover(
    query: Annotated[HandoverQuery, Query()], look: Reading, pool: Database, incidents: Incidents
) -> Response:
    """What changed since then in what your groups hold or held: to take a shift over."""
    told = await read_handover(pool, incidents.aggregate.store, look.by, query)
    return json_response(told.model_dump_json())


@routes.post("/incidents/bulk", dependencies=[SEVERAL], response_model=BulkAnswer, status_code=200)
async def change_many(
    body: BulkChange, ask: Asked, incidents: Incidents, catalogue: Known, pool: Database
) -> Response:
    """Ask the same of many incidents; each is answered by itself."""
    if ask.if_match is not None:
        detail = "Many incidents have many versions. Leave If-Match out."
        raise Problem(400, "bad-if-match", detail, field="If-Match")
    command = await body.command.command(catalogue)
    streams = await body.streams(pool, ask.by)
    told = await Bulk(incidents, ask, command, body.preview).answer(streams)
    return json_response(told.model_dump_json())


@routes.get("/incidents/{id}", dependencies=[READER], response_model=IncidentView)
async def one_incident(
    id: UUID, look: Reading, incidents: Incidents, as_of: Moment | None = None
) -> Response:
    """An incident, as it is or as it was known at a moment."""
    return await incidents.show(look, id, as_of)


@routes.get("/incidents/{id}/history", dependencies=[READER], response_model=Page[Entry])
async def history(
    id: UUID, look: Reading, incidents: Incidents, after: Position = 0, limit: Limit = 50
) -> Response:
    """What happened to it, in plain words."""
    return await incidents.history(look, id, after, limit)


@routes.post(
    "/incidents/{id}/priority", dependencies=[may(PrioritiseIncident)], response_model=IncidentView
)
async def prioritise(
    id: UUID, body: NewPriority, ask: Asked, incidents: Incidents, catalogue: Known
) -> Response:
    """Judge impact and urgency anew."""
    command = body.command((await catalogue.directory()).tables)
    return await incidents.change(ask, id, command)


@routes.post(
    "/incidents/{id}/classification",
    dependencies=[may(ReclassifyIncident)],
    response_model=IncidentView,
)
async def classify(
    id: UUID, body: NewClassification, ask: Asked, incidents: Incidents, catalogue: Known
) -> Response:
    """Say that it is about something else."""
    known = await catalogue.knowing(organisation=body.organisation, service=body.service)
    command = body.command(known.tables, await catalogue.parties())
    return await incidents.change(ask, id, command)


@routes.post(
    "/incidents/{id}/assignment", dependencies=[may(AssignIncident)], response_model=IncidentView
)
async def assign(
    id: UUID, body: Assignment, ask: Asked, incidents: Incidents, catalogue: Known
) -> Response:
    """Make a group responsible, and perhaps a person; or nobody."""
    return await incidents.change(ask, id, body.command(await catalogue.parties()))


@routes.post(
    "/incidents/{id}/escalation", dependencies=[may(EscalateIncident)], response_model=IncidentView
)
async def escalate(
    id: UUID, body: Escalation, ask: Asked, incidents: Incidents, catalogue: Known
) -> Response:
    """Take it further."""
    return await incidents.change(ask, id, body.command(await catalogue.parties()))


transition_routes(
    routes,
    "/incidents/{id}",
    {
        "taking": TakeIncident,
        "start": StartWork,
        "hold": PutOnHold,
        "resumption": ResumeWork,
        "comments": AddComment,
        "notes": AddNote,
        "resolution": ResolveIncident,
        "confirmation": ConfirmResolution,
        "reopening": ReopenIncident,
        "closure": CloseIncident,
        "cancellation": CancelIncident,
        "conversion": ConvertToRequest,
        "priority/override": OverridePriority,
        "priority/override/end": EndOverride,
        "departure": LeaveParent,
        "independence": MakeIndependent,
        "dependence": MakeDependent,
        "unlinking": UnlinkIncident,
        "watchers": WatchIncident,
        "unwatching": UnwatchIncident,
        "work": RecordWork,
        "major/proposal": ProposeMajor,
        "major/refusal": DeclineMajor,
        "major/declaration": DeclareMajor,
        "major/notices": NotifyManagement,
        "major/updates": GiveMajorUpdate,
        "major/end": StandDownMajor,
        "major/review": ReviewMajor,
    },
    desk="incidents",
    view=IncidentView,
    needs=may,
)
routes.include_router(related.routes)
add_feed(routes, STREAMER)
