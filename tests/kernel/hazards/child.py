"""One piece of the kernel in a process of its own: `child.py ROLE {"dsn": …}`."""

import asyncio
import json
import sys
from typing import Any

from ledger import LEDGER, Miss, MoneyIn, stage

from deskstream.database import connect_pool
from deskstream.gate import WriteGate
from deskstream.relay import Horizon, Relay
from deskstream.timekeeper import DatabaseClock, Timekeeper


async def relay(dsn: str, bootstrap: str, service: str, partitions: int) -> None:
    await Relay(service, dsn, bootstrap, partitions, 1, Horizon(), WriteGate()).run()


async def keeper(dsn: str) -> None:
    pool = await connect_pool(dsn)
    await Timekeeper(
        dsn,
        pool,
        LEDGER,
        DatabaseClock(),
        lambda due: Miss(due.name, due.due_at),
        lambda: None,
    ).run()


async def hanging_writer(dsn: str, stream: str) -> None:
    """Has appended and not committed when it says that it is ready."""
    pool = await connect_pool(dsn)
    async with pool.acquire() as connection, connection.transaction():
        await stage(connection, stream, MoneyIn(amount=1))
        print("ready", flush=True)  # noqa: T201  to whoever started it
        await asyncio.sleep(600)


async def main(role: str, told: dict[str, Any]) -> None:
    if role == "hanging-writer":
        await hanging_writer(**told)
        return
    print("ready", flush=True)  # noqa: T201  to whoever started it
    await {"relay": relay, "keeper": keeper}[role](**told)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
