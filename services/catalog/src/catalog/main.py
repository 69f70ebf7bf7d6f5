"""The catalog service put together, and its process."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from catalog import api
from catalog.agreements import decider as agreements
from catalog.agreements import events as agreement_events
from catalog.api.parties import PartyImport
from catalog.api.routes import desk_of
from catalog.api.starter_set import StarterSet
from catalog.api.turns import Turns
from catalog.calendars import decider as calendars
from catalog.calendars import events as calendar_events
from catalog.groups import decider as groups
from catalog.groups import events as group_events
from catalog.matrices import decider as matrices
from catalog.matrices import events as matrix_events
from catalog.organisations import decider as organisations
from catalog.organisations import events as organisation_events
from catalog.people import decider as people
from catalog.people import events as person_events
from catalog.projections import AgreementsInForce, CalendarVersions, Definitions
from catalog.routing import decider as routing
from catalog.routing import events as routing_events
from catalog.services import decider as services
from catalog.services import events as service_events
from deskstream.aggregate import Aggregate
from deskstream.service import Runtime, Service, run

LATEST = Definitions()
AGGREGATES: Sequence[Aggregate[Any, Any, Any]] = (
    Aggregate(organisations.DECIDER, organisation_events.CODEC, [LATEST]),
    Aggregate(people.DECIDER, person_events.CODEC, [LATEST]),
    Aggregate(groups.DECIDER, group_events.CODEC, [LATEST]),
    Aggregate(services.DECIDER, service_events.CODEC, [LATEST]),
    Aggregate(calendars.DECIDER, calendar_events.CODEC, [LATEST, CalendarVersions()]),
    Aggregate(agreements.DECIDER, agreement_events.CODEC, [LATEST, AgreementsInForce()]),
    Aggregate(matrices.DECIDER, matrix_events.CODEC, [LATEST]),
    Aggregate(routing.DECIDER, routing_events.CODEC, [LATEST]),
)


def assemble(runtime: Runtime) -> Mapping[str, object]:
    """What the routes find."""
    turns = Turns(runtime.pool)
    by_category = {aggregate.decider.category: aggregate for aggregate in AGGREGATES}
    desks = {
        desk_of(kind.category): runtime.desk(by_category[kind.category], kind.view.of)
        for kind in api.KINDS
    }
    told = turns, by_category, runtime.committed, runtime.gate
    return {
        **desks,
        "turns": turns,
        "starter": StarterSet(*told),
        "party_import": PartyImport(*told),
        "feed": runtime.feed(),
    }


SERVICE = Service(
    name="catalog",
    title="Catalog",
    package="deskstream-catalog",
    migrations=files("catalog") / "migrations",
    aggregates=AGGREGATES,
    routes=api.routes,
    assemble=assemble,
)


def main() -> None:
    """Run the service."""
    run(SERVICE)


if __name__ == "__main__":
    main()
