"""The composition root of the monitor."""

from collections.abc import Mapping
from importlib.resources import files

from deskstream.aggregate import Aggregate
from deskstream.consuming.frontier import Frontier, Precedence
from deskstream.consuming.localcopy import LocalCopy
from deskstream.consuming.policy import PolicyHandler
from deskstream.http.history import Archive
from deskstream.service import Runtime, Service, run
from deskstream.timekeeper import Timers
from deskstream_worktime.tzdata_version import tzdata_version
from sla_monitor import api, consumer
from sla_monitor.decider import CLOCKS
from sla_monitor.events import CODEC
from sla_monitor.jobs.foreman import Foreman
from sla_monitor.jobs.ordering import Ordering
from sla_monitor.jobs.refolding import Refolding
from sla_monitor.jobs.wholeness import Whole
from sla_monitor.orders.decider import ORDERS
from sla_monitor.orders.events import CODEC as ORDER_CODEC
from sla_monitor.policies import timers_after, when_due
from sla_monitor.projections import ClockRows, OrderRows, TicketRows
from sla_monitor.queries.book import read_policies
from sla_monitor.queries.explanation import access_to, render
from sla_monitor.queries.orders import OrderView
from sla_monitor.queries.standing import Ground

AGGREGATE = Aggregate(CLOCKS, CODEC, (ClockRows(), TicketRows(), Timers(timers_after)))
ORDERED = Aggregate(ORDERS, ORDER_CODEC, (OrderRows(),))


def assemble(runtime: Runtime) -> Mapping[str, object]:
    """Put the monitor together."""
    policies = runtime.consumer(consumer.LEARNT_POLICIES)
    book = LocalCopy(policies.group, read_policies)
    handler = PolicyHandler("clocks", AGGREGATE, consumer.reaction(book))
    watermarks = runtime.watermarks("incident", "catalog")
    whole = [(policies.group, consumer.CATALOG)]
    clocks = runtime.consumer(consumer.clocks(handler, Precedence(watermarks, whole)))
    frontier = Frontier(watermarks, clocks.partitions, consumer.INCIDENTS, whole)
    runtime.timekeeper(AGGREGATE, when_due, frontier)
    runtime.timekeeper(AGGREGATE, when_due)
    known = Whole(watermarks, whole).now
    refolding = Refolding(runtime.pool, AGGREGATE, book, known)
    ordering = Ordering(runtime.pool, AGGREGATE, ORDERED, book, known)
    foreman = Foreman(runtime.settings.database_url, [refolding, ordering], runtime.committed)
    runtime.work.append(foreman.run)
    return {
        "archive": Archive(runtime.pool, AGGREGATE, access_to, render),
        "orders": runtime.desk(ORDERED, OrderView.of),
        "policies": book,
        "feed": runtime.feed("tickets"),
        "ground": Ground((policies.group, clocks.group), watermarks, tzdata_version()),
    }


SERVICE = Service(
    name="sla-monitor",
    title="Service levels",
    package="deskstream-sla-monitor",
    migrations=files("sla_monitor") / "migrations",
    aggregates=[AGGREGATE, ORDERED],
    routes=api.routes,
    assemble=assemble,
    copies=[consumer.POLICY_COPIES, consumer.TICKET_COPIES],
)


def main() -> None:
    """Run the service."""
    run(SERVICE)


if __name__ == "__main__":
    main()
