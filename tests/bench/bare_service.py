"""What logging an incident would cost without a product around it.

A FastAPI route on asyncpg that inserts the same two rows as the incident service, into the same
tables with the same indexes, in one transaction. No access, no idempotency, no tracing, no
metrics, no relay. `uvicorn bare_service:app`, with the database's address in BARE_DATABASE.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
from fastapi import FastAPI, Request
from pydantic import BaseModel
from uuid_utils import uuid7

EVENT = """
INSERT INTO events (stream, version, type, data, origin, occurred_at, recorded_at)
VALUES ($1, 1, 'incident.logged.v1', $2, $3, $4, $4)
"""
ROW = """
INSERT INTO incidents (stream, number, title, caller, service, category, channel, impact, urgency,
    priority, status, opened_at, updated_at, people, restricted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'new', $11, $11, $12, false)
"""


class NewIncident(BaseModel):
    """A report."""

    title: str
    description: str | None = None
    caller: str
    service: str | None = None
    category: str | None = None
    channel: str = "self-service"
    impact: str = "medium"
    urgency: str = "medium"


class Incident(NewIncident):
    """A report that was taken."""

    id: str
    number: str
    priority: int
    opened_at: datetime


async def _keep_as_it_is(_: object) -> None:
    """The pool of the product saves this round trip as well."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect while it serves, with as many connections as the product."""
    app.state.pool = await asyncpg.create_pool(
        os.environ["BARE_DATABASE"], min_size=4, max_size=16, reset=_keep_as_it_is
    )
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


@app.post("/incidents", status_code=201)
async def log(body: NewIncident, request: Request) -> Incident:
    """Log an incident."""
    identity, now = str(uuid7()), datetime.now(UTC)
    stream, number = f"incident-{identity}", f"INC{identity}"
    told = body.model_dump(exclude_none=True)
    origin = json.dumps({"actor": body.caller, "role": "agent", "correlation": identity})
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        await connection.execute(EVENT, stream, json.dumps({"number": number, **told}), origin, now)
        await connection.execute(
            ROW,
            stream,
            number,
            body.title,
            body.caller,
            body.service,
            body.category,
            body.channel,
            body.impact,
            body.urgency,
            3,
            now,
            [body.caller],
        )
    return Incident(id=identity, number=number, priority=3, opened_at=now, **body.model_dump())
