"""What was answered to requests under an Idempotency-Key, for a day."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from deskstream.database import Pool

TIDY_EVERY = 300.0
FIND = """
SELECT fingerprint, status, headers, body FROM answers
WHERE key = $1 AND answered_at > clock_timestamp() - interval '24 hours'
"""
FORGET = """
DELETE FROM answers WHERE key IN (
    SELECT key FROM answers WHERE answered_at < clock_timestamp() - interval '24 hours' LIMIT 10000
)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request, kept under its Idempotency-Key.

    Args:
        key: digest of subject, method, path and key.
        fingerprint: digest of the body that it answers.
        body: of a refusal; for a success the stream's name, so that the answer can be given again
            from its events to whoever may see it then.
    """

    key: bytes
    fingerprint: bytes
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def row(self) -> tuple[bytes, bytes, int, str, str]:
        """As `append_together` writes it."""
        return self.key, self.fingerprint, self.status, json.dumps(dict(self.headers)), self.body


async def find_answer(pool: Pool, key: bytes) -> Answer | None:
    """What was answered under this key within the last day."""
    row = await pool.fetchrow(FIND, key)
    if row is None:
        return None
    return Answer(key, row["fingerprint"], row["status"], json.loads(row["headers"]), row["body"])


async def forget_answers(pool: Pool) -> None:
    """Every few minutes, forget what was answered a day ago."""
    while True:
        await pool.execute(FORGET)
        await asyncio.sleep(TIDY_EVERY)
