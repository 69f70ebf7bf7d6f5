"""A ledger of accounts: small enough to see at a glance what was lost, doubled or misplaced."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pydantic import AwareDatetime

from deskstream.aggregate import Aggregate, UnitOfWork
from deskstream.codec import Codec
from deskstream.database import Connection, Pool
from deskstream.decider import Actor, Decider, Fact, Occasion, Refusal, Role
from deskstream.envelope import Origin, Recorded
from deskstream.store import VersionConflict
from deskstream.timekeeper import Timers
from deskstream.timer import Basis, ClearTimer, SetTimer, TimerChange

TABLES = """
CREATE TABLE balances (account text PRIMARY KEY, balance bigint NOT NULL, entries int NOT NULL);
CREATE INDEX balances_by_amount ON balances (balance);
CREATE TABLE effects (
    id bigint GENERATED ALWAYS AS IDENTITY, stream text NOT NULL, version int NOT NULL,
    position bigint NOT NULL
);
CREATE TABLE copies (stream text, version int, body text NOT NULL, PRIMARY KEY (stream, version));
"""


class AccountOpened(Fact):
    owner: str = "nobody"


class MoneyIn(Fact):
    amount: int


class MoneyOut(Fact):
    amount: int


class PaymentPromised(Fact):
    """Until `due_at`, by the time of `basis`, if nothing is parked of what it depends on."""

    name: str
    due_at: AwareDatetime
    basis: Basis = Basis.DATABASE
    depends: tuple[str, ...] = ()


class PaymentMissed(Fact):
    name: str


LedgerFact = AccountOpened | MoneyIn | MoneyOut | PaymentPromised | PaymentMissed


@dataclass(frozen=True)
class Record:
    """These facts, whatever the state."""

    facts: Sequence[LedgerFact]


@dataclass(frozen=True)
class PayOut:
    """Refused if the account does not hold as much."""

    amount: int


@dataclass(frozen=True)
class Miss:
    """Nothing happens if there is no such promise, or it is for later."""

    name: str
    due_at: datetime


LedgerCommand = Record | PayOut | Miss


@dataclass(frozen=True)
class Account:
    balance: int = 0
    promised: tuple[tuple[str, datetime], ...] = ()


def decide(command: LedgerCommand, _: Occasion, account: Account) -> Sequence[LedgerFact] | Refusal:
    match command:
        case Record(facts):
            return facts
        case PayOut(amount) if amount > account.balance:
            return Refusal("not-covered", f"The account holds {account.balance}.")
        case PayOut(amount):
            return [MoneyOut(amount=amount)]
        case Miss(name, due_at):
            return [PaymentMissed(name=name)] if (name, due_at) in account.promised else []


def evolve(account: Account, fact: LedgerFact) -> Account:
    others = tuple(one for one in account.promised if one[0] != getattr(fact, "name", None))
    match fact:
        case AccountOpened():
            return account
        case MoneyIn(amount=amount):
            return replace(account, balance=account.balance + amount)
        case MoneyOut(amount=amount):
            return replace(account, balance=account.balance - amount)
        case PaymentPromised(name=name, due_at=due_at):
            return replace(account, promised=(*others, (name, due_at)))
        case PaymentMissed():
            return replace(account, promised=others)


class Balances:
    """Adds up, so that an event that is applied twice or never leaves a wrong sum."""

    name = "balances"
    tables = ("balances",)

    async def apply(self, connection: Connection, events: Sequence[Recorded[LedgerFact]]) -> None:
        await connection.execute(
            "INSERT INTO balances SELECT account, sum(amount), count(*)"
            " FROM unnest($1::text[], $2::int[]) AS n (account, amount)"
            " GROUP BY account ORDER BY account"
            " ON CONFLICT (account) DO UPDATE SET balance = balances.balance + excluded.balance,"
            " entries = balances.entries + excluded.entries",
            [event.stream for event in events],
            [_amount(event.fact) for event in events],
        )


def _amount(fact: LedgerFact) -> int:
    match fact:
        case MoneyIn(amount=amount):
            return amount
        case MoneyOut(amount=amount):
            return -amount
        case _:
            return 0


def timers_after(event: Recorded[LedgerFact]) -> Sequence[TimerChange]:
    match event.fact:
        case PaymentPromised(name=name, due_at=due_at, basis=basis, depends=depends):
            return [SetTimer(name, due_at, basis, depends)]
        case PaymentMissed(name=name):
            return [ClearTimer(name)]
        case _:
            return []


CODEC: Codec[LedgerFact] = Codec(
    {
        "account.opened.v1": AccountOpened,
        "money.in.v1": MoneyIn,
        "money.out.v1": MoneyOut,
        "payment.promised.v1": PaymentPromised,
        "payment.missed.v1": PaymentMissed,
    }
)
PARTITIONS = 3
LEDGER = Aggregate(
    Decider("account", Account(), decide, evolve),
    CODEC,
    (Balances(), Timers(timers_after)),
)
SOMEBODY = Origin("somebody", "agent", "a-story")
EARLIER = datetime(2026, 1, 5, 9, tzinfo=UTC)
THEN = Occasion(Actor("somebody", Role.AGENT), EARLIER)


async def stage(
    connection: Connection, stream: str, *facts: LedgerFact, origin: Origin = SOMEBODY
) -> list[Recorded[LedgerFact]]:
    """Record facts in the caller's transaction, on top of what is visible."""
    unit = UnitOfWork(LEDGER, connection)
    await unit.load([stream])
    unit.decide(stream, Record(facts), THEN, origin)
    return await unit.save()


async def record(
    pool: Pool, stream: str, *facts: LedgerFact, origin: Origin = SOMEBODY
) -> list[Recorded[LedgerFact]]:
    """Record facts and commit, as often as it takes."""
    while True:
        try:
            async with pool.acquire() as connection, connection.transaction():
                return await stage(connection, stream, *facts, origin=origin)
        except VersionConflict:
            continue


async def all_events(database: Connection | Pool) -> list[tuple[int, str, int]]:
    """The record: position, stream and version of every event, by position."""
    rows = await database.fetch("SELECT position, stream, version FROM events ORDER BY position")
    return [tuple(row) for row in rows]
