"""What is really on a topic."""

import json
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord

from deskstream.cloudevent import Message
from deskstream.topics import watermarks_topic
from deskstream.watermark import Watermark


@dataclass(frozen=True)
class Arrival:
    """An event with its place on the topic."""

    record: ConsumerRecord
    message: Message
    data: dict[str, Any]

    @property
    def type(self) -> str:
        """Its stored name."""
        return self.message.type

    @property
    def stream(self) -> str:
        """Its stream."""
        return self.message.stream


async def read_topic(bootstrap: str, topic: str) -> list[Arrival]:
    """Everything on a topic now, by partition and offset."""
    assigned = await _partitions(bootstrap, topic)
    if not assigned:
        return []
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(assigned)
        ends = await consumer.end_offsets(assigned)
        await consumer.seek_to_beginning(*assigned)
        found: list[Arrival] = []
        while any([await consumer.position(one) < ends[one] for one in assigned]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [_arrival(record) for record in records]
        return sorted(found, key=lambda one: (one.record.partition, one.record.offset))
    finally:
        await consumer.stop()


async def _partitions(bootstrap: str, topic: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (described,) = await admin.describe_topics([topic])
    finally:
        await admin.close()
    return [TopicPartition(topic, one["partition"]) for one in described["partitions"]]


def _arrival(record: ConsumerRecord) -> Arrival:
    message = Message.of(record.headers, record.value)
    return Arrival(record, message, json.loads(message.body))


async def read_watermarks(bootstrap: str, service: str) -> list[Watermark]:
    """What a service's relay has announced, in order."""
    one = TopicPartition(watermarks_topic(service), 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([one])
        end = (await consumer.end_offsets([one]))[one]
        found: list[Watermark] = []
        while await consumer.position(one) < end:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [Watermark.model_validate_json(record.value) for record in records]
        return found
    finally:
        await consumer.stop()
