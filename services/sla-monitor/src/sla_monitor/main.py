"""The composition root of the monitor."""

from importlib.resources import files

from deskstream import observe
from deskstream.aggregate import Aggregate
from deskstream.frontier import Frontier, Precedence
from deskstream.http.feed import Feed
from deskstream.http.history import Archive
from deskstream.localcopy import LocalCopy
from deskstream.policy import PolicyHandler
from deskstream.service import Assembly, Runtime, Service, run
from deskstream.timekeeper import DatabaseClock, Timekeeper, Timers
from deskstream.watermark import WatermarkReader
from deskstream_worktime.tzdata_version import tzdata_version
from sla_monitor import api, consumer
from sla_monitor.decider import CLOCKS
from sla_monitor.events import CODEC
from sla_monitor.jobs.foreman import Foreman
from sla_monitor.jobs.refolding import Refolding
from sla_monitor.jobs.wholeness import Whole
from sla_monitor.policies import timers_after, when_due
from sla_monitor.projections import ClockRows, TicketRows
from sla_monitor.queries.book import read_policies
from sla_monitor.queries.explanation import access_to, render
from sla_monitor.queries.standing import Ground

AGGREGATE = Aggregate(CLOCKS, CODEC, (ClockRows(), TicketRows(), Timers(timers_after)))


def assemble(runtime: Runtime) -> Assembly:
    """Put the monitor together."""
    policies = runtime.consumer(consumer.POLICY_COPIES)
    book = LocalCopy(policies.group, read_policies)
    handler = PolicyHandler("clocks", AGGREGATE, consumer.reaction(book))
    watermarks = WatermarkReader(runtime.settings.kafka, ["incident", "catalog"])
    whole = [(policies.group, consumer.CATALOG)]
    clocks = runtime.consumer(consumer.clocks(handler, Precedence(watermarks, whole)))
    frontier = Frontier(watermarks, clocks.partitions, consumer.INCIDENTS, whole)
    keepers = [
        Timekeeper(
            runtime.settings.database_url,
            runtime.pool,
            AGGREGATE,
            ownership,
            when_due,
            runtime.committed,
            observe.TIMER_LATENESS.observe,
        )
        for ownership in (frontier, DatabaseClock())
    ]
    runtime.listeners += [keeper.wake for keeper in keepers]
    refolding = Refolding(runtime.pool, AGGREGATE, book, Whole(watermarks, whole).now)
    foreman = Foreman(runtime.settings.database_url, [refolding], runtime.committed)
    archive = Archive(runtime.pool, AGGREGATE, access_to, render)
    feed = Feed(runtime.pool, SERVICE.name, (CODEC,), "tickets", runtime.horizon, runtime.streams)
    ground = Ground((policies.group, clocks.group), watermarks, tzdata_version())
    return Assembly(
        {"archive": archive, "policies": book, "feed": feed, "ground": ground},
        (
            policies.run,
            clocks.run,
            watermarks.run,
            foreman.run,
            *(keeper.run for keeper in keepers),
        ),
    )


SERVICE = Service(
    name="sla-monitor",
    title="Service levels",
    package="deskstream-sla-monitor",
    migrations=files("sla_monitor") / "migrations",
    aggregates=[AGGREGATE],
    routes=api.routes,
    assemble=assemble,
    copies=[consumer.POLICY_COPIES],
)


def main() -> None:
    """Run the service."""
    run(SERVICE)


if __name__ == "__main__":
    main()
