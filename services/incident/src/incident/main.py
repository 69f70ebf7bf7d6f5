"""The composition root of incident."""

from importlib.resources import files
from typing import Final

from deskstream import observe
from deskstream.aggregate import Aggregate
from deskstream.envelope import Recorded
from deskstream.http.commanding import Desk
from deskstream.http.feed import Feed
from deskstream.localcopy import LocalCopy
from deskstream.numbers import Numbers
from deskstream.policy import PolicyHandler
from deskstream.service import Assembly, Runtime, Service, run
from deskstream.timekeeper import DatabaseClock, Timekeeper, Timers
from deskstream.timer import Due, TimerChange
from incident import api, consumer, policies
from incident.api.catalogue import Catalogue
from incident.commands import IncidentCommand
from incident.decider import incident_decider
from incident.events import CODEC, IncidentEvent
from incident.projections import IncidentRows
from incident.queries import IncidentView, holding_of, read_directory
from incident.terms import STARTER_POLICY


def _timers_after(event: Recorded[IncidentEvent]) -> list[TimerChange]:
    return list(policies.timers_after(event.fact, STARTER_POLICY))


AGGREGATE: Final = Aggregate(
    incident_decider(STARTER_POLICY), CODEC, (IncidentRows(), Timers(_timers_after))
)


def assemble(runtime: Runtime) -> Assembly:
    """Put incident together."""
    pool = runtime.pool
    handler = PolicyHandler("service-levels", AGGREGATE, consumer.react)
    service_levels = runtime.consumer(consumer.service_levels(handler))
    copies = runtime.consumer(consumer.CATALOG_COPIES)
    parties = runtime.consumer(consumer.PARTY_COPIES)
    keeper = Timekeeper(
        runtime.settings.database_url,
        pool,
        AGGREGATE,
        DatabaseClock(),
        _when_due,
        runtime.committed,
        observe.TIMER_LATENESS.observe,
    )
    runtime.listeners.append(keeper.wake)
    state = {
        "incidents": Desk(
            pool, AGGREGATE, holding_of, IncidentView.of, runtime.committed, runtime.gate
        ),
        "numbers": Numbers(pool, "incident_number", "INC"),
        "catalogue": Catalogue(pool, LocalCopy(copies.group, read_directory, max_age=1.0)),
        "feed": Feed(pool, SERVICE.name, (CODEC,), "incidents", runtime.horizon, runtime.streams),
    }
    return Assembly(state, (service_levels.run, copies.run, parties.run, keeper.run))


def _when_due(due: Due) -> IncidentCommand:
    return policies.due(due.name)


SERVICE: Final = Service(
    name="incident",
    title="Incidents",
    package="deskstream-incident",
    migrations=files("incident") / "migrations",
    aggregates=[AGGREGATE],
    routes=api.routes,
    assemble=assemble,
    copies=[consumer.CATALOG_COPIES, consumer.PARTY_COPIES],
)

if __name__ == "__main__":
    run(SERVICE)
