"""Lists of clocks and of tickets for which nothing is promised."""

from decimal import Decimal
from typing import Annotated, Literal, Self

import asyncpg
from pydantic import AwareDatetime, Field

from deskstream.http.bodies import View
from deskstream.http.lists import CountQuery, Filter, Filters, Listing, ListQuery, Op, Sort
from deskstream.input import Moment
from sla_monitor.terms import Phase, Priority, Standing, Target

OPEN = [Phase.RUNNING, Phase.PAUSED]
AT_RISK = "(r.warned IS NOT NULL AND r.breached_at IS NULL AND r.phase IN ('running', 'paused'))"


class ClockFilters(Filters):
    """Which clocks are asked for."""

    phase: Annotated[list[Phase], Filter("r.phase", Op.ANY_OF)] = Field(default=OPEN)
    target: Annotated[Target | None, Filter("r.target")] = None
    priority: Annotated[Priority | None, Filter("r.priority")] = None
    kind: Annotated[str | None, Filter("r.kind")] = None
    service: Annotated[str | None, Filter("r.service")] = None
    organisation: Annotated[str | None, Filter("r.organisation")] = None
    group: Annotated[str | None, Filter("r.held_by")] = None
    agreement: Annotated[str | None, Filter("r.agreement")] = None
    ticket: Annotated[str | None, Filter("r.number")] = None
    at_risk: Annotated[bool | None, Filter(AT_RISK)] = None
    breached: Annotated[bool | None, Filter("(r.breached_at IS NOT NULL)")] = None
    imported: Annotated[bool | None, Filter("(r.source <> 'live')")] = None
    due_before: Annotated[Moment | None, Filter("r.due_or_never", Op.BEFORE)] = None


class ClockQuery(ClockFilters, ListQuery):
    """A page of clocks."""

    sort: Literal["due", "-due", "number", "-number"] = "due"


COUNTED = {
    "phase": "r.phase",
    "target": "r.target",
    "priority": "r.priority",
    "kind": "r.kind",
    "service": "r.service",
    "organisation": "r.organisation",
    "group": "r.held_by",
    "agreement": "r.agreement",
    "at_risk": AT_RISK,
    "breached": "r.breached_at IS NOT NULL",
}


class ClockCounts(ClockFilters, CountQuery):
    """How many clocks there are, by one of their members."""

    by: Literal[
        "phase",
        "target",
        "priority",
        "kind",
        "service",
        "organisation",
        "group",
        "agreement",
        "at_risk",
        "breached",
    ] = "phase"


COLUMNS = """
r.clocks, r.ticket, r.number, r.target, r.cycle, r.phase, r.kind, r.priority, r.service,
r.organisation, r.held_by, r.agreement, r.agreement_version, r.seconds, r.started_at, r.due_at,
r.warned, r.suspected, r.breached_at, r.stopped_at, r.elapsed_seconds, r.met, r.would_be_met,
r.source
"""
CLOCK_LISTING = Listing(
    table="clocks",
    columns=COLUMNS,
    sorts={"due": Sort("r.due_or_never"), "number": Sort("r.number", "text")},
    counts=COUNTED,
)


class ClockRow(View):
    """A clock in a list.

    Attributes:
        warned: the fraction of the time that was last warned of.
        would_be_met: what the final outcome would be by what became known after it.
        source: `live`, or the import that told of the ticket.
    """

    id: str
    ticket: str
    number: str
    target: Target
    cycle: int
    phase: Phase
    kind: str
    priority: int
    service: str | None
    organisation: str | None
    group: str | None
    agreement: str
    agreement_version: int
    seconds: int
    started_at: AwareDatetime
    due_at: AwareDatetime | None
    warned: Decimal | None
    suspected: bool
    breached_at: AwareDatetime | None
    stopped_at: AwareDatetime | None
    elapsed_seconds: float | None
    met: bool | None
    would_be_met: bool | None
    source: str

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """A row of `clocks`."""
        members = {name: row[name] for name in cls.model_fields if name not in {"id", "group"}}
        return cls(id=row["clocks"].removeprefix("clock-"), group=row["held_by"], **members)


class UncoveredFilters(Filters):
    """Which tickets without a promise are asked for."""

    standing: Annotated[list[Standing], Filter("r.standing", Op.ANY_OF)] = Field(
        default=[Standing.WORKING, Standing.WAITING]
    )
    priority: Annotated[Priority | None, Filter("r.priority")] = None
    service: Annotated[str | None, Filter("r.service")] = None
    organisation: Annotated[str | None, Filter("r.organisation")] = None
    group: Annotated[str | None, Filter("r.held_by")] = None
    opened_from: Annotated[Moment | None, Filter("r.opened_at", Op.FROM)] = None
    opened_before: Annotated[Moment | None, Filter("r.opened_at", Op.BEFORE)] = None


class UncoveredQuery(UncoveredFilters, ListQuery):
    """A page of them."""

    sort: Literal["opened", "-opened"] = "-opened"


class UncoveredCounts(UncoveredFilters, CountQuery):
    """How many there are, by one of their members."""

    by: Literal["because", "priority", "service", "organisation", "group", "standing"] = "because"


UNCOVERED_LISTING = Listing(
    table="(SELECT * FROM tickets WHERE uncovered IS NOT NULL)",
    columns="""r.ticket, r.number, r.kind, r.priority, r.service, r.organisation, r.held_by,
        r.standing, r.uncovered, r.opened_at""",
    sorts={"opened": Sort("r.opened_at")},
    counts={
        "because": "r.uncovered",
        "priority": "r.priority",
        "service": "r.service",
        "organisation": "r.organisation",
        "group": "r.held_by",
        "standing": "r.standing",
    },
)


class UncoveredRow(View):
    """A ticket for which nothing is promised, and why."""

    id: str
    ticket: str
    number: str
    kind: str
    priority: int
    service: str | None
    organisation: str | None
    group: str | None
    standing: Standing
    because: str
    opened_at: AwareDatetime

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """A row of `tickets`."""
        named = {"id", "group", "because"}
        members = {name: row[name] for name in cls.model_fields if name not in named}
        return cls(
            id=row["stream"].removeprefix("clock-"),
            group=row["held_by"],
            because=row["uncovered"],
            **members,
        )
