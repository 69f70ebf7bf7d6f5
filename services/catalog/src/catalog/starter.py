"""What a new system holds from its first minute on; applying it again changes nothing.

Ids are made from names, so that they are the same in every system.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID, uuid5

import holidays
from holidays.version import __version__ as holidays_version

from catalog.agreements.terms import (
    AgreementDefinition,
    AgreementKind,
    HoldReason,
    Measure,
    TargetRow,
    TicketType,
)
from catalog.calendars.terms import CalendarDefinition
from catalog.definitions.terms import Definition
from catalog.groups.terms import GroupDefinition
from catalog.matrices.terms import MatrixDefinition, matrix_id
from catalog.organisations.terms import OrganisationDefinition, OrganisationKind
from catalog.people.terms import PersonDefinition
from catalog.routing.terms import ROUTING, Route, RoutingDefinition
from catalog.services.terms import Criticality, ServiceDefinition
from catalog.terms import Level, WorkingTime

NAMES = UUID("5d1c1a0e-7d0b-5c7e-9a55-2f6f0e8f4b11")

AROUND_THE_CLOCK = uuid5(NAMES, "calendar/around-the-clock")
OFFICE_HOURS_BERLIN = uuid5(NAMES, "calendar/office-hours-berlin")
OFFICE_HOURS_NEW_YORK = uuid5(NAMES, "calendar/office-hours-new-york")
USUAL_AGREEMENT = uuid5(NAMES, "agreement/usual")
DEMO_CUSTOMER = uuid5(NAMES, "organisation/demo")
SERVICE_PROVIDER = uuid5(NAMES, "organisation/service-provider")
SERVICE_DESK = uuid5(NAMES, "group/service-desk")
NETWORK = uuid5(NAMES, "group/network")
DEMO_SERVICE = uuid5(NAMES, "service/demo")
DEMO_AGREEMENT = uuid5(NAMES, "agreement/demo")

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")

MINUTE = 60
HOUR = 60 * MINUTE
OFFICE_DAY = 8 * HOUR

USUAL_SECONDS = {
    1: (15 * MINUTE, 4 * HOUR),
    2: (30 * MINUTE, 8 * HOUR),
    3: (4 * HOUR, 3 * OFFICE_DAY),
    4: (OFFICE_DAY, 5 * OFFICE_DAY),
    5: (2 * OFFICE_DAY, 10 * OFFICE_DAY),
}
USUAL_AROUND_THE_CLOCK = frozenset({1, 2})
DEMO_SECONDS = {1: (4, 8), 2: (6, 12), 3: (8, 16), 4: (10, 20), 5: (12, 24)}


def _person(login: str) -> UUID:
    return uuid5(NAMES, f"person/{login}")


class Beginning(NamedTuple):
    """What the first version of something says, and from when on it is in force."""

    kind: str
    id: UUID
    definition: Definition
    effective_from: datetime

    @property
    def stream(self) -> str:
        """Where it is kept."""
        return f"{self.kind}-{self.id}"


def starter_set(now: datetime, years: range, tzdata: str) -> list[Beginning]:
    """The starter set, in an order in which nothing names what comes after it.

    Agreements are in force from now on, the rest since the first of the years.

    Args:
        now: when it is put in.
        years: those whose public holidays the calendars know; in force from the first on.
        tzdata: version of the time zone database.
    """
    since = datetime(years.start, 1, 1, tzinfo=UTC)
    return [
        *(
            Beginning(kind, identity, definition, since)
            for kind, definitions in _lasting(years, tzdata)
            for identity, definition in definitions.items()
        ),
        *(
            Beginning("agreement", identity, agreement, now)
            for identity, agreement in _agreements(now).items()
        ),
    ]


def _lasting(years: range, tzdata: str) -> list[tuple[str, Mapping[UUID, Definition]]]:
    return [
        ("calendar", _calendars(years, tzdata)),
        ("priority_matrix", {matrix_id(None): USUAL_MATRIX}),
        ("organisation", ORGANISATIONS),
        ("person", PEOPLE),
        ("group", GROUPS),
        ("service", {DEMO_SERVICE: SERVICE_OF_THE_DEMO}),
        ("routing", {ROUTING: USUAL_ROUTING}),
    ]


ORGANISATIONS = {
    DEMO_CUSTOMER: OrganisationDefinition(
        name="Demo customer", kind=OrganisationKind.CUSTOMER, key="demo-customer"
    ),
    SERVICE_PROVIDER: OrganisationDefinition(
        name="Service provider", kind=OrganisationKind.PROVIDER, key="service-provider"
    ),
}
PEOPLE = {
    _person("lena"): PersonDefinition(
        name="Lena (team lead)", login="lena", organisation=SERVICE_PROVIDER
    ),
    _person("dana"): PersonDefinition(
        name="Dana (agent)", login="dana", organisation=SERVICE_PROVIDER, manager=_person("lena")
    ),
    _person("anna"): PersonDefinition(
        name="Anna (caller)", login="anna", organisation=DEMO_CUSTOMER
    ),
}
GROUPS = {
    SERVICE_DESK: GroupDefinition(
        name="Service desk",
        key="service-desk",
        members=(_person("dana"), _person("lena")),
        lead=_person("lena"),
        on_call=_person("dana"),
        calendar=OFFICE_HOURS_BERLIN,
    ),
    NETWORK: GroupDefinition(
        name="Network", key="network", members=(_person("lena"),), calendar=AROUND_THE_CLOCK
    ),
}
USUAL_ROUTING = RoutingDefinition(
    name="Everything to the service desk",
    routes=(Route(group=SERVICE_DESK), Route(category="network", group=NETWORK)),
)
SERVICE_OF_THE_DEMO = ServiceDefinition(name="Demo service", criticality=Criticality.MEDIUM)

USUAL_MATRIX = MatrixDefinition(
    name="Three by three",
    priorities={
        Level.HIGH: {Level.HIGH: 1, Level.MEDIUM: 2, Level.LOW: 3},
        Level.MEDIUM: {Level.HIGH: 2, Level.MEDIUM: 3, Level.LOW: 4},
        Level.LOW: {Level.HIGH: 3, Level.MEDIUM: 4, Level.LOW: 5},
    },
)


class Office(NamedTuple):
    """Where people work from nine to five, and whose public holidays they have."""

    name: str
    timezone: str
    country: str
    subdivision: str | None = None


BERLIN = Office("Office hours Berlin", "Europe/Berlin", "DE", "BE")
NEW_YORK = Office("Office hours New York", "America/New_York", "US")


def load_public_holidays() -> None:
    """Load their tables, which takes a second the first time."""
    for office in (BERLIN, NEW_YORK):
        holidays.country_holidays(office.country, subdiv=office.subdivision)


def _calendars(years: range, tzdata: str) -> dict[UUID, CalendarDefinition]:
    always = WorkingTime(timezone="UTC", hours=dict.fromkeys(WEEK, (("00:00", "24:00"),)))
    return {
        AROUND_THE_CLOCK: CalendarDefinition(
            name="Around the clock", working_time=always, tzdata=tzdata
        ),
        OFFICE_HOURS_BERLIN: _office_hours(BERLIN, years, tzdata),
        OFFICE_HOURS_NEW_YORK: _office_hours(NEW_YORK, years, tzdata),
    }


def _office_hours(office: Office, years: range, tzdata: str) -> CalendarDefinition:
    public = holidays.country_holidays(office.country, subdiv=office.subdivision, years=years)
    region = "-".join(filter(None, (office.country, office.subdivision)))
    return CalendarDefinition(
        name=office.name,
        working_time=WorkingTime(
            timezone=office.timezone,
            hours=dict.fromkeys(WORKDAYS, (("09:00", "17:00"),)),
            holidays=tuple(day.isoformat() for day in sorted(public)),
        ),
        tzdata=tzdata,
        holiday_source=f"holidays {holidays_version}: {region}, {years[0]} to {years[-1]}",
    )


def _agreements(valid_from: datetime) -> dict[UUID, AgreementDefinition]:
    return {
        USUAL_AGREEMENT: AgreementDefinition(
            name="Usual service levels",
            kind=AgreementKind.SLA,
            valid_from=valid_from,
            calendar=OFFICE_HOURS_BERLIN,
            targets=tuple(_usual_row(priority) for priority in USUAL_SECONDS),
            pauses_on=(HoldReason.AWAITING_CALLER,),
            warn_at=(Decimal("0.75"),),
        ),
        DEMO_AGREEMENT: AgreementDefinition(
            name="Service levels in seconds, for the demo",
            kind=AgreementKind.SLA,
            customer=DEMO_CUSTOMER,
            service=DEMO_SERVICE,
            valid_from=valid_from,
            calendar=AROUND_THE_CLOCK,
            targets=tuple(_row(priority, pair) for priority, pair in DEMO_SECONDS.items()),
            pauses_on=(HoldReason.AWAITING_CALLER, HoldReason.AWAITING_SUPPLIER),
            warn_at=(Decimal("0.5"), Decimal("0.75")),
        ),
    }


def _usual_row(priority: int) -> TargetRow:
    own = AROUND_THE_CLOCK if priority in USUAL_AROUND_THE_CLOCK else None
    return _row(priority, USUAL_SECONDS[priority], own)


def _row(priority: int, seconds: tuple[int, int], calendar: UUID | None = None) -> TargetRow:
    first_response, resolution = seconds
    return TargetRow(
        ticket_type=TicketType.INCIDENT,
        priority=priority,
        seconds={Measure.FIRST_RESPONSE: first_response, Measure.RESOLUTION: resolution},
        calendar=calendar,
    )
