"""The kinds of definitions that go by the same routes: how each is told, shown and asked for."""

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, Field

from catalog.api.definitions import (
    EVERYBODY,
    STAFF,
    Effective,
    Kind,
    RetiringQuery,
    RetiringView,
)
from catalog.calendars.terms import CalendarDefinition
from catalog.groups.terms import GroupDefinition
from catalog.matrices.terms import MatrixDefinition, matrix_id
from catalog.organisations.terms import OrganisationDefinition, OrganisationKind
from catalog.people.terms import Address, PersonDefinition
from catalog.routing.terms import ROUTING, Route, RoutingDefinition
from catalog.services.terms import Criticality, ServiceDefinition
from catalog.terms import Key, Name, WorkingTime
from deskstream.http.bodies import Body
from deskstream.http.lists import Filter, Op
from deskstream_worktime import tzdata_version

IdAsText = Annotated[
    str, AfterValidator(lambda told: str(UUID(told))), Field(json_schema_extra={"format": "uuid"})
]


class OrganisationBody(OrganisationDefinition, Effective):
    """An organisation as it is to be."""


class OrganisationView(OrganisationDefinition, RetiringView):
    """An organisation."""


class OrganisationQuery(RetiringQuery):
    """Which organisations."""

    kind: Annotated[OrganisationKind | None, Filter("(r.definition ->> 'kind')")] = None
    parent: Annotated[UUID | None, Filter("r.above")] = None
    key: Annotated[Key | None, Filter("r.handle")] = None


class AddressBody(Address, Body):
    """Where a person can be reached."""


class PersonBody(PersonDefinition, Effective):
    """A person as described from now on."""

    addresses: tuple[AddressBody, ...] = ()


class PersonView(PersonDefinition, RetiringView):
    """A person."""


class PersonQuery(RetiringQuery):
    """Which people."""

    login: Annotated[Key | None, Filter("r.handle")] = None
    organisation: Annotated[UUID | None, Filter("(r.definition ->> 'organisation')::uuid")] = None
    manager: Annotated[UUID | None, Filter("r.above")] = None
    vip: Annotated[bool | None, Filter("(r.definition ->> 'vip')::boolean")] = None


class GroupBody(GroupDefinition, Effective):
    """A group as it is to be."""


class GroupView(GroupDefinition, RetiringView):
    """A group."""


class GroupQuery(RetiringQuery):
    """Which groups."""

    key: Annotated[Key | None, Filter("r.handle")] = None
    member: Annotated[IdAsText | None, Filter("r.mentions", Op.HAS)] = None


class ServiceBody(ServiceDefinition, Effective):
    """A service as it is to be."""


class ServiceView(ServiceDefinition, RetiringView):
    """A service."""


class ServiceQuery(RetiringQuery):
    """Which services."""

    criticality: Annotated[Criticality | None, Filter("(r.definition ->> 'criticality')")] = None
    parent: Annotated[UUID | None, Filter("r.above")] = None


class WorkingTimeBody(WorkingTime, Body):
    """When people work."""


class CalendarBody(Effective):
    """A calendar as it is to be; the time zone database is that of the service."""

    name: Name
    working_time: WorkingTimeBody
    holiday_source: Name | None = None


class CalendarView(CalendarDefinition, RetiringView):
    """A calendar."""


class CalendarQuery(RetiringQuery):
    """Which calendars."""

    timezone: Annotated[Name | None, Filter("(r.definition -> 'working_time' ->> 'timezone')")] = (
        None
    )


class MatrixBody(MatrixDefinition, Effective):
    """A priority matrix as it is to be."""


class MatrixView(MatrixDefinition, RetiringView):
    """A priority matrix."""


class MatrixQuery(RetiringQuery):
    """Which priority matrices."""

    customer: Annotated[UUID | None, Filter("(r.definition ->> 'customer')::uuid")] = None


class RouteBody(Route, Body):
    """A group for the tickets of a service and category; absent, any of them."""


class RoutingBody(RoutingDefinition, Effective):
    """The routing table as it is to be."""

    routes: tuple[RouteBody, ...]


class RoutingView(RoutingDefinition, RetiringView):
    """The routing table."""


RETIRING: Final[tuple[Kind[Any], ...]] = (
    Kind(
        "organisation",
        "organisations",
        OrganisationView,
        OrganisationQuery,
        STAFF,
        OrganisationDefinition,
        OrganisationBody,
    ),
    Kind("person", "people", PersonView, PersonQuery, STAFF, PersonDefinition, PersonBody),
    Kind("group", "groups", GroupView, GroupQuery, STAFF, GroupDefinition, GroupBody),
    Kind(
        "service",
        "services",
        ServiceView,
        ServiceQuery,
        EVERYBODY,
        ServiceDefinition,
        ServiceBody,
    ),
    Kind(
        "calendar",
        "calendars",
        CalendarView,
        CalendarQuery,
        EVERYBODY,
        CalendarDefinition,
        CalendarBody,
        adds=lambda: {"tzdata": tzdata_version()},
    ),
    Kind(
        "priority_matrix",
        "priority-matrices",
        MatrixView,
        MatrixQuery,
        STAFF,
        MatrixDefinition,
        MatrixBody,
        identify=lambda matrix: matrix_id(matrix.customer),
    ),
    Kind(
        "routing",
        "routing-tables",
        RoutingView,
        RetiringQuery,
        STAFF,
        RoutingDefinition,
        RoutingBody,
        identify=lambda _: ROUTING,
    ),
)
