"""The composition root of incident."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from fastapi import APIRouter

from deskstream.aggregate import Aggregate
from deskstream.consuming.localcopy import LocalCopy
from deskstream.consuming.policy import PolicyHandler
from deskstream.envelope import Recorded
from deskstream.numbers import Numbers
from deskstream.service import Runtime, Service, run
from deskstream.timekeeper import Timers
from deskstream.timer import Due, TimerChange
from incident import api, consumer, policies
from incident.api import imports
from incident.api.catalogue import Catalogue
from incident.api.telling import Telling
from incident.commands import IncidentCommand
from incident.consumer.waves import waves
from incident.decider import incident_decider
from incident.events import CODEC, IncidentEvent
from incident.imports.decider import DECIDER as IMPORT_DECIDER
from incident.imports.events import CODEC as IMPORT_CODEC
from incident.jobs.families import Families
from incident.parties import read_parties
from incident.projections import ImportRows, IncidentRows, IncidentWords
from incident.queries import IncidentView, holding_of, read_directory
from incident.terms import STARTER_POLICY


def _timers_after(event: Recorded[IncidentEvent]) -> list[TimerChange]:
    return list(policies.timers_after(event.fact))


AGGREGATE: Final = Aggregate(
    incident_decider(STARTER_POLICY),
    CODEC,
    (IncidentRows(), IncidentWords(), Timers(_timers_after)),
)

IMPORTS: Final = Aggregate(IMPORT_DECIDER, IMPORT_CODEC, (ImportRows(),))
ROUTES: Final = APIRouter()
for part in (api, imports):
    ROUTES.include_router(part.routes)


def assemble(runtime: Runtime) -> Mapping[str, object]:
    """Put incident together."""
    copies = runtime.consumer(consumer.CATALOG_COPIES)
    people = runtime.consumer(consumer.PARTY_COPIES)
    parties = LocalCopy(people.group, read_parties, max_age=1.0)
    reaction = consumer.Reaction(parties)
    handler = PolicyHandler("service-levels", AGGREGATE, reaction)
    runtime.consumer(consumer.service_levels(handler))
    leaving = PolicyHandler("families", AGGREGATE, consumer.take_leave)
    runtime.consumer(consumer.families(leaving))
    runtime.consumer(waves(AGGREGATE, STARTER_POLICY))
    runtime.work.append(Families(runtime.pool, AGGREGATE, runtime.committed).run)
    runtime.consumer(consumer.SHOWN_CLOCKS)
    runtime.timekeeper(AGGREGATE, _when_due)
    numbers = Numbers(runtime.pool, "incident_number", "INC")
    directory = LocalCopy(copies.group, read_directory, max_age=1.0)
    catalogue = Catalogue(runtime.pool, directory, parties)
    histories = runtime.desk(IMPORTS, imports.ImportView.of)
    return {
        "incidents": runtime.desk(AGGREGATE, IncidentView.of, holding_of),
        "numbers": numbers,
        "catalogue": catalogue,
        "imports": histories,
        "telling": Telling(histories, AGGREGATE, numbers, catalogue),
        "feed": runtime.feed("incidents"),
    }


def _when_due(due: Due) -> IncidentCommand:
    return policies.due(due.name)


SERVICE: Final = Service(
    name="incident",
    title="Incidents",
    package="deskstream-incident",
    migrations=files("incident") / "migrations",
    aggregates=[AGGREGATE, IMPORTS],
    routes=ROUTES,
    assemble=assemble,
    copies=[consumer.CATALOG_COPIES, consumer.PARTY_COPIES, consumer.CLOCK_COPIES],
)

if __name__ == "__main__":
    run(SERVICE)
