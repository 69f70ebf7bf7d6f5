"""The read models are made anew, from the topics as they are and from topics filled again."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from dumps import differences, dumped
from running import NAMES, deskstream, until_settled

from deskstream.topics import events_topic, watermarks_topic
from deskstream_platform.kafka import KafkaServer
from deskstream_platform.record import recorded_ports


async def made_anew(folder, running, databases, before):
    """Drop and rebuild all of them; the rows, by table, that are not what they were."""
    await asyncio.gather(*(deskstream(folder, "rebuild", name) for name in NAMES))
    await until_settled(running, databases)
    return differences(before, await dumped(databases))


async def delete_topics(folder):
    """Of a platform that does not run; at its next start the relays have to tell all again."""
    kafka = KafkaServer(folder / "kafka", recorded_ports(folder)["kafka"])
    await kafka.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        ours = [topic(name) for name in NAMES for topic in (events_topic, watermarks_topic)]
        await admin.delete_topics(ours)
    finally:
        await admin.close()
        await kafka.stop()
