"""Clients of Kafka: started, and left without waiting for an answer that may never come."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka.admin import AIOKafkaAdminClient

Client = TypeVar("Client", bound=Any)
PATIENCE = 2.0
_leaving: set[asyncio.Task[None]] = set()


async def let_go(stop: Coroutine[Any, Any, None]) -> None:
    """Stop a client of Kafka. If Kafka is silent, that goes on while nobody waits for it.

    What a producer still sends then is a repeated truth. It is a task of its own, because closing
    swallows the cancellation of whoever waits for it.
    """
    leaving = asyncio.create_task(stop)
    _leaving.add(leaving)
    leaving.add_done_callback(_leaving.discard)
    await asyncio.wait([leaving], timeout=PATIENCE)


@asynccontextmanager
async def started(client: Client) -> AsyncIterator[Client]:
    """A producer, a consumer or an administrator, between its start and its stop."""
    try:
        await client.start()
        yield client
    finally:
        await let_go(client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
