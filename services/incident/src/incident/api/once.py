"""What is answered once under an Idempotency-Key though it is done in several transactions."""

import hashlib
from dataclasses import replace

from deskstream.answers import Answer, find_answer
from deskstream.database import Pool
from deskstream.http.conditions import Ask
from deskstream.http.problems import Problem


def part_of(ask: Ask, nth: int) -> Ask:
    """The same request, as far as this transaction of it goes."""
    if ask.key is None:
        return ask
    return replace(ask, key=hashlib.sha256(ask.key + b"/%d" % nth).digest())


async def answered_before(pool: Pool, ask: Ask) -> Answer | None:
    """What was answered under the request's key, if it has one and was sent before.

    Raises:
        Problem: it was sent with another body.
    """
    kept = None if ask.key is None else await find_answer(pool, ask.key)
    if kept is not None and kept.fingerprint != ask.fingerprint:
        detail = "This Idempotency-Key was sent with another body. Use a new key."
        raise Problem(422, "idempotency-key-reused", detail, field="Idempotency-Key")
    return kept
