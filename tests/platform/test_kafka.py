import asyncio
import os
import shutil
import signal

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deskstream_platform.jars import cache_folder
from deskstream_platform.java import aot_cache
from deskstream_platform.kafka import KafkaServer, console_consumer


async def produce(kafka, topic, values):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        for value in values:
            await producer.send_and_wait(
                topic, value.encode(), key=b"incident-1", headers=[("ce_type", b"a.v1")]
            )


async def read_by_console(kafka, topic, count):
    consumer = await asyncio.create_subprocess_exec(
        *console_consumer(kafka.bootstrap, topic, "--max-messages", str(count)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    shown, _ = await asyncio.wait_for(consumer.communicate(), 30)
    return shown.decode().splitlines()


async def test_its_own_console_consumer_shows_where_a_record_lies(kafka):
    await produce(kafka, "shown", ["one", "two"])
    assert await read_by_console(kafka, "shown", 2) == [
        "Partition:0\tOffset:0\tce_type:a.v1\tincident-1\tone",
        "Partition:0\tOffset:1\tce_type:a.v1\tincident-1\ttwo",
    ]


async def test_records_survive_a_kill(tmp_path):
    kafka = KafkaServer(tmp_path / "kafka")
    await kafka.start()
    address = kafka.bootstrap
    await produce(kafka, "kept", ["one"])

    os.kill(kafka.pid, signal.SIGKILL)
    await kafka.start()

    assert kafka.bootstrap == address
    assert [line.rpartition("\t")[2] for line in await read_by_console(kafka, "kept", 1)] == ["one"]
    await kafka.kill()


async def test_a_data_folder_keeps_its_port(tmp_path):
    first = KafkaServer(tmp_path / "kafka")
    await first.start()
    await first.kill()
    assert KafkaServer(tmp_path / "kafka").port == first.port


async def test_kafka_writes_a_log(kafka):
    assert "Kafka Server started" in kafka.log.read_text()


async def test_a_damaged_cache_costs_time_but_no_start(tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "maven").symlink_to(cache_folder() / "maven")
    aot_cache(cache).write_bytes(b"no cache at all")
    kafka = KafkaServer(tmp_path / "kafka", cache=cache)
    await kafka.start()
    await kafka.kill()


async def test_the_first_stop_leaves_what_makes_later_starts_fast(tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "maven").symlink_to(cache_folder() / "maven")
    kafka = KafkaServer(tmp_path / "kafka", cache=cache)
    await kafka.start()
    await kafka.stop()
    assert [path.name for path in cache.glob("*.aot")] == [aot_cache(cache).name]
    shutil.rmtree(cache)
