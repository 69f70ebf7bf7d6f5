"""What can be read about orders by which policies are applied to open tickets."""

import json
from typing import Annotated, Literal, Self

import asyncpg
from pydantic import AwareDatetime

from deskstream.http.bodies import View
from deskstream.http.history import Shown
from deskstream.http.lists import CountQuery, Filter, Filters, Listing, ListQuery, Op, Sort
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.decider.effects import Kind as EffectKind
from sla_monitor.orders.decider import PolicyOrder
from sla_monitor.orders.terms import Status, Tally
from sla_monitor.terms import Target


class OrderView(View):
    """An order; `tally` is what it would do, and once it is done, what it did."""

    id: str
    version: int
    kind: str
    policy: str
    rebase: Rebase | None
    because: str
    status: Status
    tally: Tally | None

    @classmethod
    def of(cls, shown: Shown[PolicyOrder]) -> Self:
        """From the state."""
        state, proposed = shown.state, shown.state.proposed
        if proposed is None:
            message = "nothing was proposed in this stream"
            raise ValueError(message)
        return cls(
            id=shown.identity,
            version=shown.version,
            kind=proposed.kind,
            policy=proposed.policy,
            rebase=proposed.rebase,
            because=proposed.because,
            status=state.status,
            tally=state.tally,
        )


class OrderQuery(ListQuery):
    """A page of orders."""

    sort: Literal["proposed", "-proposed"] = "-proposed"
    status: Annotated[list[Status] | None, Filter("r.status", Op.ANY_OF)] = None
    policy: Annotated[str | None, Filter("r.policy")] = None


ORDER_LISTING = Listing(
    table="policy_orders",
    columns="""r.kind, r.policy, r.rebase, r.because, r.status, r.proposed_by, r.proposed_at,
        r.tally""",
    sorts={"proposed": Sort("r.proposed_at")},
    everyone=True,
)


class OrderRow(View):
    """An order in a list."""

    id: str
    kind: str
    policy: str
    rebase: Rebase | None
    because: str
    status: Status
    proposed_by: str
    proposed_at: AwareDatetime
    tally: Tally | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """A row of `policy_orders`."""
        members = {name: row[name] for name in cls.model_fields if name not in {"id", "tally"}}
        tally = None if row["tally"] is None else Tally(**json.loads(row["tally"]))
        return cls(id=row["stream"].removeprefix("policy_order-"), tally=tally, **members)


class ChangeFilters(Filters):
    """Which clocks of a preview are asked for."""

    effect: Annotated[EffectKind | None, Filter("r.effect")] = None
    target: Annotated[Target | None, Filter("r.target")] = None
    organisation: Annotated[str | None, Filter("r.organisation")] = None


class ChangeQuery(ChangeFilters, ListQuery):
    """A page of them."""

    sort: Literal["number", "-number"] = "number"


class ChangeCounts(ChangeFilters, CountQuery):
    """How many there are."""

    by: Literal["effect", "target", "organisation"] = "effect"


class Change(View):
    """A clock that an order would change, as its preview found it."""

    ticket: str
    number: str
    target: Target
    effect: EffectKind
    was_due_at: AwareDatetime | None
    due_at: AwareDatetime | None
    agreement: str | None
    agreement_version: int | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """A row of `policy_order_clocks`."""
        return cls(**{name: row[name] for name in cls.model_fields})


def changes_of(order: str) -> Listing:
    """The clocks that this order would change."""
    return Listing(
        table=f"(SELECT * FROM policy_order_clocks WHERE policy_order = '{order}')",  # noqa: S608  a stream's name, made of a UUID
        columns="""r.ticket, r.number, r.target, r.effect, r.was_due_at, r.due_at, r.agreement,
            r.agreement_version""",
        sorts={"number": Sort("r.number", "text")},
        counts={"effect": "r.effect", "target": "r.target", "organisation": "r.organisation"},
    )
