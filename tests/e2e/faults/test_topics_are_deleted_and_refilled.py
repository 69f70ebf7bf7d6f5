"""All topics are lost: the relays fill them again from the record, and nothing happens twice."""

from collections import Counter

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deskstream.topics import events_topic, watermarks_topic
from deskstream_testing.record import read_record
from deskstream_testing.spine import SERVICES

EVENTS = [events_topic(service) for service in SERVICES]
TOPICS = [*EVENTS, *map(watermarks_topic, SERVICES)]


async def test_what_was_told_has_no_effect_again_and_work_goes_on(spine, holds):
    async with spine.agent() as ada:
        overdue, waiting, quiet = [await ada.log(priority) for priority in (1, 5, 5)]
        await ada.hold(waiting)
        await spine.passed_due(overdue)
        await holds()
        for topic in EVENTS:
            await say_again(spine, topic)
        await holds()
        before = await on_record(spine)
        for service in SERVICES:
            await spine.stack.kill(service)
        await delete(spine, TOPICS)
        for service in SERVICES:
            await spine.stack.revive(service)
        await holds()
        assert await on_record(spine) == before
        await ada.resume(waiting)
        await ada.resolve(overdue)
        await ada.comment(quiet)
        await ada.log(5)
        await holds()


async def on_record(spine):
    """How much of what each service has told."""
    records = {service: await read_record(spine.stack, service) for service in SERVICES}
    return {service: Counter(one.type for one in record) for service, record in records.items()}


async def say_again(spine, topic):
    """Repeat all that is on it, as a former owner of a relay may: filled anew it is shorter."""
    async with AIOKafkaProducer(bootstrap_servers=spine.stack.kafka.bootstrap) as producer:
        for arrival in await spine.stack.topic(topic):
            one = arrival.record
            where = {"partition": one.partition, "headers": list(one.headers)}
            await producer.send_and_wait(topic, one.value, one.key, **where)


async def delete(spine, topics):
    admin = AIOKafkaAdminClient(bootstrap_servers=spine.stack.kafka.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics(topics)
    finally:
        await admin.close()
