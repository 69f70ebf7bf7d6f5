"""The catalog service put together, and its process."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from catalog import api
from catalog.agreements import decider as agreements
from catalog.agreements import events as agreement_events
from catalog.api.agreements import AgreementView
from catalog.api.calendars import CalendarView
from catalog.api.matrices import MatrixView
from catalog.api.organisations import OrganisationView
from catalog.api.policies import PolicyView
from catalog.api.services import ServiceView
from catalog.api.starter_set import StarterSet
from catalog.api.turns import Turns
from catalog.calendars import decider as calendars
from catalog.calendars import events as calendar_events
from catalog.matrices import decider as matrices
from catalog.matrices import events as matrix_events
from catalog.organisations import decider as organisations
from catalog.organisations import events as organisation_events
from catalog.projections import AgreementVersions, Versions
from catalog.services import decider as services
from catalog.services import events as service_events
from deskstream.aggregate import Aggregate
from deskstream.http.commanding import Desk
from deskstream.http.feed import Feed
from deskstream.service import Assembly, Runtime, Service, run

AGGREGATES: Mapping[str, Aggregate[Any, Any, Any]] = {
    "organisations": Aggregate(
        organisations.DECIDER, organisation_events.CODEC, [Versions("organisations")]
    ),
    "services": Aggregate(services.DECIDER, service_events.CODEC, [Versions("services")]),
    "calendars": Aggregate(calendars.DECIDER, calendar_events.CODEC, [Versions("calendars")]),
    "agreements": Aggregate(agreements.DECIDER, agreement_events.CODEC, [AgreementVersions()]),
    "matrices": Aggregate(matrices.DECIDER, matrix_events.CODEC, [Versions("priority_matrices")]),
}
VIEWS: Mapping[str, type[PolicyView]] = {
    "organisations": OrganisationView,
    "services": ServiceView,
    "calendars": CalendarView,
    "agreements": AgreementView,
    "matrices": MatrixView,
}


def assemble(runtime: Runtime) -> Assembly:
    """What the routes find."""
    pool, gate, aggregates = runtime.pool, runtime.gate, tuple(AGGREGATES.values())
    turns = Turns(pool)
    desks = {
        name: Desk(pool, aggregate, None, VIEWS[name].of, runtime.committed, gate)
        for name, aggregate in AGGREGATES.items()
    }
    by_category = {aggregate.decider.category: aggregate for aggregate in aggregates}
    codecs = tuple(aggregate.codec for aggregate in aggregates)
    return Assembly(
        {
            **desks,
            "turns": turns,
            "starter": StarterSet(pool, turns, by_category, runtime.committed, gate),
            "feed": Feed(pool, runtime.name, codecs, None, runtime.horizon, runtime.streams),
        }
    )


SERVICE = Service(
    name="catalog",
    title="Catalog",
    package="deskstream-catalog",
    migrations=files("catalog") / "migrations",
    aggregates=tuple(AGGREGATES.values()),
    routes=api.routes,
    assemble=assemble,
)


def main() -> None:
    """Run the service."""
    run(SERVICE)


if __name__ == "__main__":
    main()
