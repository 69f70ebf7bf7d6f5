"""Events on Kafka: CloudEvents 1.0 in binary content mode."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import asyncpg
from aiokafka.partitioner import murmur2

from deskstream.envelope import LIVE, event_id
from deskstream.faults import Plain

Headers = list[tuple[str, bytes]]


# All events of a stream have the same, and aiokafka computes it in plain Python.
@lru_cache(maxsize=65_536)
def partition_of(stream: str, partitions: int) -> int:
    """The partition of a stream's topic, as every Kafka client computes it from the key."""
    return int(murmur2(stream.encode()) & 0x7FFFFFFF) % partitions


def attributes(service: str, row: asyncpg.Record) -> dict[str, str]:
    """The CloudEvents attributes of a row of `events`."""
    # The members of `Origin`; to make one of every event that passes would cost as much as sending.
    origin = json.loads(row["origin"])
    members = {
        "specversion": "1.0",
        "id": event_id(row["stream"], row["version"]),
        "source": f"/itsm/{service}",
        "type": row["type"],
        "time": row["occurred_at"].isoformat(),
        "subject": row["stream"],
        "recordedtime": row["recorded_at"].isoformat(),
        "correlationid": origin["correlation"],
        "causationid": origin.get("causation"),
        "depth": str(origin.get("depth", 0)),
        "actor": origin["actor"],
        "actorrole": origin["role"],
        "provenance": origin.get("source", LIVE),
        "streamversion": str(row["version"]),
        "position": str(row["position"]),
        "traceparent": origin.get("trace"),
    }
    return {name: value for name, value in members.items() if value}


def message_headers(service: str, row: asyncpg.Record) -> Headers:
    """The same as Kafka headers, in binary content mode."""
    members = attributes(service, row)
    headers = [(f"ce_{name}", value.encode()) for name, value in members.items()]
    headers.append(("content-type", b"application/json"))
    if trace := members.get("traceparent"):
        headers.append(("traceparent", trace.encode()))
    return headers


class Malformed(Plain):
    """A record that is no event of ours: an attribute is missing or cannot be read.

    It is not believed about its position either, and has nothing to wait for.
    """

    position = 0
    recorded_at = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Message:
    """An event of another service as it arrived from Kafka."""

    id: str
    stream: str
    version: int
    position: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    correlation: str
    depth: int
    provenance: str
    trace: str | None
    body: bytes

    @classmethod
    def of(cls, headers: Iterable[tuple[str, bytes | None]], body: bytes | None) -> "Message":
        """Read what a Kafka record carries.

        Raises:
            Malformed: it is not an event in binary content mode.
        """
        texts = {name: (value or b"").decode("utf-8", "replace") for name, value in headers}
        if not body:
            raise Malformed("it has no body")
        try:
            return cls(
                id=texts["ce_id"],
                stream=texts["ce_subject"],
                version=int(texts["ce_streamversion"]),
                position=int(texts["ce_position"]),
                type=texts["ce_type"],
                occurred_at=datetime.fromisoformat(texts["ce_time"]),
                recorded_at=datetime.fromisoformat(texts["ce_recordedtime"]),
                correlation=texts["ce_correlationid"],
                depth=int(texts.get("ce_depth", "0")),
                provenance=texts.get("ce_provenance", LIVE),
                trace=texts.get("ce_traceparent"),
                body=body,
            )
        except (KeyError, ValueError) as error:
            message = f"it is no event of ours: {error!r}"
            raise Malformed(message) from error
