"""Lists of incidents, and counts of them, by everything that is asked for."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self

import asyncpg
from pydantic import AwareDatetime, Field, StringConstraints

from deskstream.access import Principal, sees_internal, visible_rows
from deskstream.database import Pool
from deskstream.http.bodies import View
from deskstream.http.lists import CountQuery, Filter, Filters, Listing, ListQuery, Op, Sort
from deskstream.input import Moment
from incident.terms import Channel, HoldReason, Impact, Priority, Status, Urgency
from incident.terms.major import Stage

OPEN: Final = "(r.status IN ('new', 'in_progress', 'on_hold'))"
UNASSIGNED: Final = "(r.held_by IS NULL)"
BREACHED: Final = "(r.breaches <> '{}')"
DUE: Final = "coalesce(r.due_at, 'infinity')"
LONGEST_SEARCH = 200
MOST_COUNTED = 10_000
MOST_FOUND_COUNTED = 1000
NOBODYS = ("",)


class Choosy(Filter):
    """A filter whose matches may lie together in whatever order is asked for.

    Said several times, it makes the planner expect fewer of them, and fetch and sort those. Else it
    walks through that order until it has a page, which may be through nearly all.
    """

    times = 3

    def on_page(self, by: Principal, place: str) -> str:
        """The comparison, several times."""
        said = [self.condition(by, place)]
        for _ in range(1, self.times):
            said.append(f"({said[-1]}) IS TRUE")
        return " AND ".join(said)


class Span(Choosy):
    """A filter on a time, of which every other time of an incident tells something too."""

    times = 4


class Caller(Filter):
    """A filter on who reported it: found among the people whom it concerns."""

    def condition(self, by: Principal, place: str) -> str:
        """That it concerns them, and that they are its caller."""
        return f"r.people @> ARRAY[{place}::text] AND {super().condition(by, place)}"


class Holder(Filter):
    """A filter on groups that hold it: found among those that ever did."""

    def condition(self, by: Principal, place: str) -> str:
        """That one of them has held it, and holds it now."""
        return f"r.been_with && {place}::text[] AND {super().condition(by, place)}"


class Words(Filter):
    """A filter on what was written about an incident.

    There is one index, of all words. By it whoever does not see the internal ones finds what may
    match, as far as that takes no look at what is missing, and then looks at the public ones.
    """

    def condition(self, by: Principal, place: str) -> str:
        """That the words of the row's incident match."""
        match = f"w.inner_words {self.op.format(place)}"
        if not sees_internal(by):
            present = f"querytree(websearch_to_tsquery('simple', {place}))"
            may = f"({present} IN ('', 'T') OR w.inner_words @@ {present}::tsquery)"
            match = f"{may} AND {super().condition(by, place)}"
        return f"r.stream IN (SELECT w.stream FROM incident_words w WHERE {match})"  # noqa: S608  made of constants


class IncidentFilters(Filters):
    """Which incidents are asked for."""

    open: Annotated[bool | None, Choosy(OPEN)] = None
    mine: bool = Field(
        default=False, description="What you work on; if you ask for help, what concerns you."
    )
    my_groups: bool = Field(default=False, description="What the groups hold that you are in.")
    unassigned: Annotated[bool | None, Choosy(UNASSIGNED)] = Field(
        default=None, description="Held by no group."
    )
    status: Annotated[list[Status], Choosy("r.status", Op.ANY_OF)] = Field(default=[])
    priority: Annotated[list[Priority], Choosy("r.priority", Op.ANY_OF)] = Field(default=[])
    service: Annotated[str | None, Choosy("r.service")] = None
    organisation: Annotated[str | None, Choosy("r.organisation")] = None
    category: Annotated[str | None, Choosy("r.category")] = None
    caller: Annotated[str | None, Caller("r.caller")] = None
    group: Annotated[list[str], Holder("r.held_by", Op.ANY_OF)] = Field(default=[])
    person: Annotated[str | None, Choosy("r.person")] = None
    hold_reason: Annotated[HoldReason | None, Choosy("r.hold_reason")] = None
    number: Annotated[str | None, Filter("r.number")] = None
    major: Annotated[list[Stage], Choosy("r.major", Op.ANY_OF)] = Field(default=[])
    parent: Annotated[str | None, Filter("r.parent")] = None
    at_risk: Annotated[bool | None, Choosy("r.at_risk")] = Field(
        default=None, description="A target is nearly missed, and can still be met."
    )
    breached: Annotated[bool | None, Choosy(BREACHED)] = None
    due_before: Annotated[Moment | None, Span(DUE, Op.BEFORE)] = None
    opened_from: Annotated[Moment | None, Span("r.opened_at", Op.FROM)] = None
    opened_before: Annotated[Moment | None, Span("r.opened_at", Op.BEFORE)] = None
    resolved_from: Annotated[Moment | None, Span("r.resolved_at", Op.FROM)] = None
    resolved_before: Annotated[Moment | None, Span("r.resolved_at", Op.BEFORE)] = None
    text: Annotated[
        Annotated[str, StringConstraints(max_length=LONGEST_SEARCH)] | None,
        Words("w.words", Op.MATCHES),
    ] = Field(
        default=None,
        description='Words that it holds; `"in this order"`, `this or that`, `-but not this`.',
    )


class ByCaller(Filters):
    """What filters mean that speak of whoever asks."""

    working: Annotated[str | None, Choosy("r.person")] = None
    concerned: Annotated[str | None, Filter("r.people", Op.HAS)] = None
    holding: Annotated[tuple[str, ...] | None, Holder("r.held_by", Op.ANY_OF)] = None

    @classmethod
    def meant(cls, by: Principal, asked: IncidentFilters) -> dict[str, object]:
        """The members for this caller, to be asked for besides."""
        whose = "working" if sees_internal(by) else "concerned"
        told: dict[str, object] = {whose: by.name} if asked.mine else {}
        return told | ({"holding": tuple(sorted(by.groups)) or NOBODYS} if asked.my_groups else {})


class OwnFilters(ByCaller, IncidentFilters):
    """Which incidents somebody asks for."""

    @classmethod
    def of(cls, by: Principal, asked: IncidentFilters) -> Self:
        """The filters, as this caller means them."""
        return cls(**dict(asked), **ByCaller.meant(by, asked))


class IncidentQuery(IncidentFilters, ListQuery):
    """A page of incidents."""

    sort: Literal[
        "opened",
        "-opened",
        "updated",
        "-updated",
        "priority",
        "-priority",
        "number",
        "-number",
        "due",
        "-due",
    ] = "-opened"


class OwnQuery(OwnFilters, IncidentQuery):
    """A page of incidents for somebody."""


Counted = Literal[
    "open",
    "status",
    "priority",
    "group",
    "person",
    "unassigned",
    "service",
    "organisation",
    "category",
    "caller",
    "hold_reason",
    "major",
    "at_risk",
    "breached",
]


class IncidentCounts(IncidentFilters, CountQuery):
    """How many incidents there are, by one of their members."""

    by: Counted = "status"

    def most(self) -> int:
        """As many as are counted while somebody waits; to look for words takes longer."""
        return MOST_COUNTED if self.text is None else MOST_FOUND_COUNTED


class OwnCounts(OwnFilters, IncidentCounts):
    """How many incidents there are for somebody."""


INCIDENT_LISTING: Final = Listing(
    table="incidents",
    columns="""r.number, r.title, r.caller, r.service, r.category, r.channel, r.impact, r.urgency,
        r.priority, r.status, r.hold_reason, r.held_by, r.person, r.opened_at, r.updated_at,
        r.resolved_at, r.due_at, r.at_risk, r.warned, r.breaches <> '{}' AS breached,
        r.parent, r.major, r.external, r.organisation""",
    sorts={
        "opened": Sort("r.opened_at"),
        "updated": Sort("r.updated_at"),
        "priority": Sort("r.priority", "integer"),
        "number": Sort("r.number", "text"),
        "due": Sort(DUE),
    },
    counts={
        "open": OPEN,
        "status": "r.status",
        "priority": "r.priority",
        "group": "r.held_by",
        "person": "r.person",
        "unassigned": UNASSIGNED,
        "service": "r.service",
        "organisation": "r.organisation",
        "category": "r.category",
        "caller": "r.caller",
        "hold_reason": "r.hold_reason",
        "major": "r.major",
        "at_risk": "r.at_risk",
        "breached": BREACHED,
    },
    latest="r.opened_at",
)


class IncidentRow(View):
    """An incident in a list.

    Attributes:
        due_at: of the first of its targets that is still to be met; none while that is open.
    """

    id: str
    number: str
    title: str
    caller: str
    service: str | None
    category: str | None
    channel: Channel
    impact: Impact
    urgency: Urgency
    priority: Priority
    status: Status
    hold_reason: HoldReason | None
    group: str | None
    person: str | None
    organisation: str | None
    opened_at: AwareDatetime
    updated_at: AwareDatetime
    resolved_at: AwareDatetime | None
    due_at: AwareDatetime | None
    at_risk: bool
    warned: bool
    breached: bool
    parent: str | None
    major: Stage | None
    external_reference: str | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """A row of `incidents`."""
        renamed = {"id", "group", "external_reference"}
        members = {name: row[name] for name in cls.model_fields if name not in renamed}
        identity = row["stream"].removeprefix("incident-")
        group, external = row["held_by"], row["external"]
        return cls(id=identity, group=group, external_reference=external, **members)


async def streams_of(
    pool: Pool, by: Principal, asked: IncidentFilters, limit: int
) -> Sequence[str]:
    """The streams of those that the caller sees and asked for, the oldest first."""
    rule, arguments = visible_rows(by, "r", 1)
    conditions = [rule]
    for mark, value in OwnFilters.of(by, asked).asked():
        arguments.append(value)
        conditions.append(mark.on_page(by, f"${len(arguments)}"))
    rows = await pool.fetch(
        f"SELECT r.stream FROM incidents r WHERE {' AND '.join(conditions)}"  # noqa: S608  its parts are the program's own
        f" ORDER BY r.opened_at, r.stream LIMIT {limit}",
        *arguments,
    )
    return [row["stream"] for row in rows]
