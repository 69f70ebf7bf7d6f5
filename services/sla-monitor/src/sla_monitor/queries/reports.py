"""Figures over a span of time: what was kept, how late breaches were seen, who held tickets."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

import asyncpg
from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from deskstream.access import Principal, visible_rows
from deskstream.database import Pool
from deskstream.http.bodies import View
from deskstream.http.lists import Filter, Filters, Op
from deskstream.http.problems import Problem
from deskstream.input import Moment
from sla_monitor.queries.standing import StandsOn
from sla_monitor.terms import Priority, Target

MOST_LINES = 5000
HUNDREDTH_OF_A_PERCENT = Decimal("0.0001")
COUNTED_BY = {
    "target": "r.target",
    "kind": "r.kind",
    "service": "r.service",
    "organisation": "r.organisation",
    "group": "r.held_by",
    "priority": "r.priority::text",
    "agreement": "r.agreement",
    "calendar": "r.calendar",
}
OF_TICKETS = frozenset({"kind", "service", "organisation", "group", "priority"})
ATTAINED = """
SELECT date_trunc($1, r.ended_at, $2) AS period, {by} AS value,
    count(*) FILTER (WHERE r.phase = 'final' AND r.met) AS met,
    count(*) FILTER (WHERE r.phase = 'final' AND NOT r.met) AS breached,
    count(*) FILTER (WHERE r.phase = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE r.would_be_met IS DISTINCT FROM r.met AND r.would_be_met IS NOT NULL)
        AS corrected,
    count(*) FILTER (WHERE r.phase = 'final' AND EXISTS (
        SELECT FROM ticket_facts f WHERE f.ticket = r.ticket AND f.told_afterwards
    )) AS told_afterwards,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY r.late_by_seconds) AS half,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY r.late_by_seconds) AS nearly_all,
    max(r.late_by_seconds) AS latest
FROM clocks r WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2 LIMIT {most}
"""
UNCOVERED = """
SELECT date_trunc($1, r.opened_at, $2) AS period, {by} AS value, count(*) AS uncovered
FROM tickets r WHERE r.uncovered IS NOT NULL AND {where} GROUP BY 1, 2 ORDER BY 1, 2 LIMIT {most}
"""
HELD = """
WITH span AS (
    SELECT $1::timestamptz AS since, least($2::timestamptz, clock_timestamp()) AS until
), part AS (
    SELECT h.clocks, h.holder, h.name,
        extract(epoch FROM least(coalesce(h.until, s.until), s.until)
                         - greatest(h.since, s.since)) AS seconds
    FROM span s, holdings h JOIN tickets r ON r.stream = h.clocks
    WHERE h.since < s.until AND coalesce(h.until, 'infinity') > s.since AND {where}
)
SELECT holder, name, count(DISTINCT clocks) AS tickets, sum(seconds)::float AS seconds
FROM part GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2 LIMIT {most}
"""


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        message = "is no time zone of the IANA's, such as Europe/Zurich"
        raise ValueError(message)
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class Span(Filters):
    """From when until when."""

    since: Moment
    until: Moment

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.since >= self.until:
            message = "`until` has to lie after `since`"
            raise ValueError(message)
        return self


class AttainmentQuery(Span):
    """Which clocks a report is about; the period of a clock is that of its final stop."""

    per: Literal["day", "week", "month", "quarter", "year"] = "month"
    zone: Zone = "UTC"
    by: Literal[
        "target",
        "kind",
        "service",
        "organisation",
        "group",
        "priority",
        "agreement",
        "calendar",
    ] = "target"
    target: Annotated[list[Target], Filter("r.target", Op.ANY_OF)] = Field(default=[])
    priority: Annotated[Priority | None, Filter("r.priority")] = None
    kind: Annotated[str | None, Filter("r.kind")] = None
    service: Annotated[str | None, Filter("r.service")] = None
    organisation: Annotated[str | None, Filter("r.organisation")] = None
    group: Annotated[str | None, Filter("r.held_by")] = None
    agreement: Annotated[str | None, Filter("r.agreement")] = None
    imported: Annotated[bool | None, Filter("(r.source <> 'live')")] = None


class Lateness(View):
    """How many seconds after their due times breaches were seen: median, 99 %, worst."""

    median: float
    nearly_all: float
    worst: float


class Attained(View):
    """What became of the clocks of one period and group.

    Attributes:
        attainment: met / (met + breached), rounded down; absent when there was neither.
        cancelled: beside it: nothing was left to be done.
        corrected: of those counted, how many would have ended otherwise by what is known now.
        told_afterwards: of those met or breached, for how many somebody dated back what happened.
        uncovered: tickets opened in the period for which nothing was promised; absent where they
            cannot be counted so.
    """

    period: AwareDatetime
    value: str | None
    met: int
    breached: int
    attainment: Decimal | None
    cancelled: int
    corrected: int
    told_afterwards: int
    uncovered: int | None
    lateness: Lateness | None


class Attainment(View):
    """What was kept of what was promised."""

    since: AwareDatetime
    until: AwareDatetime
    per: str
    zone: str
    by: str
    lines: list[Attained]
    stands_on: StandsOn


class HeldQuery(Span):
    """Which tickets a report about those who held them is about."""

    holder: Literal["group", "caller", "supplier"] | None = None
    priority: Annotated[Priority | None, Filter("r.priority")] = None
    service: Annotated[str | None, Filter("r.service")] = None
    organisation: Annotated[str | None, Filter("r.organisation")] = None
    imported: Annotated[bool | None, Filter("(r.source <> 'live')")] = None


class TimeHeld(View):
    """For how long somebody had to act, summed over tickets, as time passes everywhere."""

    holder: str
    name: str | None
    tickets: int
    seconds: float


class TimesHeld(View):
    """Who had to act for how long, the longest first."""

    since: AwareDatetime
    until: AwareDatetime
    lines: list[TimeHeld]
    stands_on: StandsOn


async def attainment(
    pool: Pool, by: Principal, query: AttainmentQuery, ground: StandsOn
) -> Attainment:
    """What was kept in each period, by one of the clocks' members."""
    column = COUNTED_BY[query.by]
    span = ("r.ended_at", query.since, query.until)
    rows = await _lines(pool, ATTAINED, column, by, query, span, [query.per, query.zone])
    counted = query.by in OF_TICKETS and not query.target and query.agreement is None
    uncovered = await _uncovered(pool, by, query) if counted else None
    known = {(row["period"], row["value"]): row for row in rows}
    keys = sorted({*known, *(uncovered or ())}, key=lambda key: (key[0], key[1] or ""))
    return Attainment(
        since=query.since,
        until=query.until,
        per=query.per,
        zone=query.zone,
        by=query.by,
        lines=[_attained(key, known.get(key), uncovered) for key in keys],
        stands_on=ground,
    )


async def times_held(pool: Pool, by: Principal, query: HeldQuery, ground: StandsOn) -> TimesHeld:
    """Who had to act for how long."""
    where, arguments = _where(by, query, 3)
    if query.holder is not None:
        where += f" AND h.holder = ${3 + len(arguments)}"
        arguments.append(query.holder)
    sql = HELD.format(where=where, most=MOST_LINES + 1)
    rows = _not_too_many(await pool.fetch(sql, query.since, query.until, *arguments))
    lines = [TimeHeld(**row) for row in rows]
    return TimesHeld(since=query.since, until=query.until, lines=lines, stands_on=ground)


async def _uncovered(
    pool: Pool, by: Principal, query: AttainmentQuery
) -> dict[tuple[Any, str | None], int]:
    span = ("r.opened_at", query.since, query.until)
    column = COUNTED_BY[query.by]
    rows = await _lines(pool, UNCOVERED, column, by, query, span, [query.per, query.zone])
    return {(row["period"], row["value"]): row["uncovered"] for row in rows}


async def _lines(
    pool: Pool,
    sql: str,
    column: str,
    by: Principal,
    query: Filters,
    span: tuple[str, Any, Any],
    first: Sequence[Any],
) -> list[asyncpg.Record]:
    name, since, until = span
    where, arguments = _where(by, query, len(first) + 3)
    dated = f"{name} >= ${len(first) + 1} AND {name} < ${len(first) + 2} AND {where}"
    text = sql.format(by=column, where=dated, most=MOST_LINES + 1)
    return _not_too_many(await pool.fetch(text, *first, since, until, *arguments))


def _where(by: Principal, query: Filters, first: int) -> tuple[str, list[Any]]:
    """The rows that the caller may see and asks for, and the arguments from `first` on."""
    rule, arguments = visible_rows(by, "r", first)
    conditions = [rule]
    for mark, value in query.asked():
        conditions.append(mark.condition(by, f"${first + len(arguments)}"))
        arguments.append(value)
    return " AND ".join(conditions), arguments


def _not_too_many(rows: list[asyncpg.Record]) -> list[asyncpg.Record]:
    if len(rows) > MOST_LINES:
        detail = f"This would be more than {MOST_LINES} lines. Ask for less, or longer periods."
        raise Problem(422, "too-many-lines", detail)
    return rows


def _attained(
    key: tuple[Any, str | None],
    row: asyncpg.Record | None,
    uncovered: dict[tuple[Any, str | None], int] | None,
) -> Attained:
    counts = {
        name: 0 if row is None else row[name]
        for name in ("met", "breached", "cancelled", "corrected", "told_afterwards")
    }
    return Attained(
        period=key[0],
        value=key[1],
        attainment=_share(counts["met"], counts["breached"]),
        uncovered=None if uncovered is None else uncovered.get(key, 0),
        lateness=None if row is None else _lateness(row),
        **counts,
    )


def _share(met: int, breached: int) -> Decimal | None:
    """Never rounded up: 99.996 % is not 100 %."""
    if met + breached == 0:
        return None
    return (Decimal(met) / (met + breached)).quantize(HUNDREDTH_OF_A_PERCENT, ROUND_FLOOR)


def _lateness(row: asyncpg.Record) -> Lateness | None:
    if row["latest"] is None:
        return None
    return Lateness(median=row["half"], nearly_all=row["nearly_all"], worst=row["latest"])
