"""Topic names and settings, made at start and checked."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from deskstream.kafka import started

log = structlog.get_logger()
# A record an hour ahead of the broker's clock would be refused, and with it all behind it: so the
# broker dates them, and the clock of a service's host does not matter.
DATED_BY_KAFKA = {"message.timestamp.type": "LogAppendTime"}
# An event may be longer than the request that led to it: what was left out is written out.
LARGEST_MESSAGE = 2 * 1024 * 1024
EVENT_SETTINGS = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "max.message.bytes": str(LARGEST_MESSAGE),
    **DATED_BY_KAFKA,
}
WATERMARK_SETTINGS = {"cleanup.policy": "compact", **DATED_BY_KAFKA}


def events_topic(service: str) -> str:
    """Where a service's events go, keyed by stream."""
    return f"itsm.{service}.events.v1"


def watermarks_topic(service: str) -> str:
    """Where a service says how far its events are complete."""
    return f"itsm.{service}.watermarks.v1"


class WrongTopic(Exception):
    """A topic exists with settings under which events would be lost or out of order."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it has to be."""

    name: str
    partitions: int
    settings: dict[str, str]


def topics_of(service: str, partitions: int) -> tuple[Topic, Topic]:
    """The two topics of a service."""
    return (
        Topic(events_topic(service), partitions, EVENT_SETTINGS),
        Topic(watermarks_topic(service), 1, WATERMARK_SETTINGS),
    )


async def ensure_topics(bootstrap: str, topics: Iterable[Topic], *, replication: int) -> None:
    """Create what is missing.

    Raises:
        WrongTopic: one is there with other partitions or settings; it names the remedy.
    """
    async with started(AIOKafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        for topic in topics:
            await _create(admin, topic, replication)
            await _check(admin, topic)


async def empty_topic(bootstrap: str, topic: str) -> None:
    """Delete all records of a topic, so that it can be filled again in order."""
    async with started(AIOKafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        (described,) = await admin.describe_topics([topic])
        partitions = [TopicPartition(topic, one["partition"]) for one in described["partitions"]]
        await admin.delete_records({one: RecordsToDelete(before_offset=-1) for one in partitions})


async def wait_for_topics(bootstrap: str, names: Iterable[str]) -> None:
    """Wait until their owners have made these topics."""
    wanted = set(names)
    async with started(AIOKafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        told: set[str] = set()
        while missing := wanted - set(await admin.list_topics()):
            if missing != told:
                log.info("waiting for topics", topics=sorted(missing))
                told = missing
            await asyncio.sleep(0.5)


async def _create(admin: AIOKafkaAdminClient, topic: Topic, replication: int) -> None:
    new = NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.settings)
    answer = await admin.create_topics([new])
    for name, code, *rest in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            message = f"{name} cannot be made: {rest}"
            raise error(message)


async def _check(admin: AIOKafkaAdminClient, topic: Topic) -> None:
    (described,) = await admin.describe_topics([topic.name])
    found = len(described["partitions"])
    if found and found != topic.partitions:
        message = (
            f"{topic.name} has {found} partitions and not {topic.partitions}: a partition count is"
            " for ever, so set DESKSTREAM_PARTITIONS to it, or refill a new topic"
        )
        raise WrongTopic(message)
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.name)
    (answer,) = await admin.describe_configs([resource])
    settings = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    for name, wanted in topic.settings.items():
        if settings.get(name, wanted) != wanted:
            message = (
                f"{topic.name} has {name}={settings[name]} and needs {wanted}:"
                f" kafka-configs --alter --topic {topic.name} --add-config {name}={wanted}"
            )
            raise WrongTopic(message)
