"""Calendars over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from uuid_utils.compat import uuid7

from catalog.api.policies import (
    EVERYBODY,
    OWNER,
    AfterVersion,
    Database,
    Effective,
    Identity,
    PolicyQuery,
    PolicyView,
    latest_of,
    versions,
)
from catalog.calendars.commands import CalendarCommand, DefineCalendar, RedefineCalendar
from catalog.calendars.decider import Calendar
from catalog.calendars.events import CalendarFact
from catalog.calendars.terms import CalendarDefinition
from catalog.terms import Name, WorkingTime
from deskstream.http.bodies import Body
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading
from deskstream.http.history import Entry
from deskstream.http.lists import Filter, Limit, Page
from deskstream.http.routes import Route, held
from deskstream.input import Moment
from deskstream_worktime import tzdata_version

routes = APIRouter(tags=["calendars"], route_class=Route)
Calendars = Annotated[Desk[CalendarCommand, Calendar | None, CalendarFact], held("calendars")]


class WorkingTimeBody(WorkingTime, Body):
    """When people work."""


class CalendarBody(Effective):
    """A calendar as it is to be."""

    name: Name
    working_time: WorkingTimeBody
    holiday_source: Name | None = None

    def definition(self) -> CalendarDefinition:
        """With the time zone database of this process."""
        return CalendarDefinition.model_validate({**self.model_dump(), "tzdata": tzdata_version()})


class CalendarView(CalendarDefinition, PolicyView):
    """A calendar."""


class CalendarQuery(PolicyQuery):
    """Which calendars."""

    timezone: Annotated[Name | None, Filter("(r.definition -> 'working_time' ->> 'timezone')")] = (
        None
    )


LISTING = latest_of("calendars")


@routes.post("/calendars", dependencies=[OWNER], status_code=201, response_model=CalendarView)
async def define_calendar(body: CalendarBody, asked: Asked, calendars: Calendars) -> Response:
    """Introduce a calendar."""
    command = DefineCalendar(definition=body.definition(), effective_from=body.effective_from)
    return await calendars.create(asked, uuid7(), command, location="/calendars/{}")


@routes.post("/calendars/{id}/versions", dependencies=[OWNER], response_model=CalendarView)
async def redefine_calendar(
    identity: Identity, body: CalendarBody, asked: Asked, calendars: Calendars
) -> Response:
    """Give a calendar other working time; clocks that have started keep theirs."""
    command = RedefineCalendar(definition=body.definition(), effective_from=body.effective_from)
    return await calendars.change(asked, identity, command)


@routes.get("/calendars", dependencies=[EVERYBODY], response_model=Page[CalendarView])
async def list_calendars(
    query: Annotated[CalendarQuery, Query()], look: Reading, pool: Database
) -> Response:
    """List calendars, each in its latest version."""
    return await LISTING.page(pool, look, query, CalendarView.of_row)


@routes.get("/calendars/{id}", dependencies=[EVERYBODY], response_model=CalendarView)
async def one_calendar(
    identity: Identity, look: Reading, calendars: Calendars, as_of: Moment | None = None
) -> Response:
    """Show a calendar's latest version, now or as it was known at a moment."""
    return await calendars.show(look, identity, as_of)


@routes.get("/calendars/{id}/versions", dependencies=[EVERYBODY], response_model=Page[CalendarView])
async def versions_of_calendar(identity: Identity, look: Reading, calendars: Calendars) -> Response:
    """Show all versions of a calendar."""
    return await versions(calendars, look, identity, CalendarView)


@routes.get("/calendars/{id}/history", dependencies=[EVERYBODY], response_model=Page[Entry])
async def history_of_calendar(
    identity: Identity,
    look: Reading,
    calendars: Calendars,
    after: AfterVersion = 0,
    limit: Limit = 50,
) -> Response:
    """Tell in plain words what happened to a calendar."""
    return await calendars.history(look, identity, after, limit)
