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
LONGEST = "max.message.bytes"
EVENT_SETTINGS = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    LONGEST: str(LARGEST_MESSAGE),
    **DATED_BY_KAFKA,
}
WATERMARK_SETTINGS = {"cleanup.policy": "compact", **DATED_BY_KAFKA}
DELETING = {"retention.ms", "retention.bytes", "cleanup.policy"}
SET_FOR_TOPIC = 1  # among Kafka's sources of a setting


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
    """Create what is missing, and bring up to date what has other settings.

    Raises:
        WrongTopic: one has other partitions, or deletes events; it names the remedy.
    """
    async with started(AIOKafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        for topic in topics:
            await _create(admin, topic, replication)
            await _check_partitions(admin, topic)
            await _keep_settings(admin, topic)


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
        logged: set[str] = set()
        while missing := wanted - set(await admin.list_topics()):
            if missing != logged:
                log.info("waiting for topics", topics=sorted(missing))
                logged = missing
            await asyncio.sleep(0.5)


async def _create(admin: AIOKafkaAdminClient, topic: Topic, replication: int) -> None:
    new = NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.settings)
    answer = await admin.create_topics([new])
    for name, code, *rest in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            message = f"{name} cannot be made: {rest}"
            raise error(message)


async def _check_partitions(admin: AIOKafkaAdminClient, topic: Topic) -> None:
    (described,) = await admin.describe_topics([topic.name])
    found = len(described["partitions"])
    if found and found != topic.partitions:
        message = (
            f"{topic.name} has {found} partitions and not {topic.partitions}: a partition count is"
            " for ever, so set DESKSTREAM_PARTITIONS to it, or refill a new topic"
        )
        raise WrongTopic(message)


async def _keep_settings(admin: AIOKafkaAdminClient, topic: Topic) -> None:
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name)])
    entries = answer.resources[0][4]
    found = {name: value for name, value, *_ in entries}
    wrong = {
        name: wanted
        for name, wanted in topic.settings.items()
        if not _will_do(name, found.get(name, wanted), wanted)
    }
    for name in DELETING & wrong.keys():
        message = (
            f"{topic.name} has {name}={found[name]} and needs {wrong[name]}; events may be gone"
            " already. Refill a new topic, or, if you know that none is missing: kafka-configs"
            f" --alter --topic {topic.name} --add-config {name}={wrong[name]}"
        )
        raise WrongTopic(message)
    if wrong:
        # Whatever is not named would be as the broker has it by default.
        own = {name: value for name, value, _, source, *_ in entries if source == SET_FOR_TOPIC}
        await _alter(admin, topic.name, own | wrong)
        log.warning("topic brought up to date", topic=topic.name, settings=wrong)


def _will_do(name: str, found: str, wanted: str) -> bool:
    """Whether a setting serves. Whoever lets longer messages pass may."""
    return int(found) >= int(wanted) if name == LONGEST else found == wanted


async def _alter(admin: AIOKafkaAdminClient, topic: str, settings: dict[str, str]) -> None:
    (answer,) = await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)]
    )
    for code, reason, *_ in answer.resources:
        if code:
            message = f"the settings of {topic} cannot be changed: {reason}"
            raise for_code(code)(message)
