"""What is answered once under an Idempotency-Key, where the answer is not one item."""

from fastapi import Response
from pydantic import BaseModel

from deskstream.answers import find_answer
from deskstream.codec import Codec
from deskstream.database import Connection, Pool
from deskstream.decider import Fact
from deskstream.http.conditions import Ask, json_response
from deskstream.http.problems import Problem
from deskstream.store import EventStore

_STORE: EventStore[Fact] = EventStore(Codec({}))


async def answered_before(pool: Pool, ask: Ask) -> Response | None:
    """What was answered under the request's key, if it has one and was sent before."""
    kept = None if ask.key is None else await find_answer(pool, ask.key)
    if kept is None:
        return None
    if kept.fingerprint != ask.fingerprint:
        detail = "This Idempotency-Key was sent with another body. Use a new key."
        raise Problem(422, "idempotency-key-reused", detail, field="Idempotency-Key")
    return json_response(kept.body, headers={"Idempotency-Replayed": "true"})


async def answer_once(connection: Connection, ask: Ask, view: BaseModel) -> Response:
    """The answer, kept under the request's key in the caller's transaction."""
    body = view.model_dump_json()
    kept = ask.answer(200, {}, body)
    await _STORE.append(connection, [], [] if kept is None else [kept])
    return json_response(body)
