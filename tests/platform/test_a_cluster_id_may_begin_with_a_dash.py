from uuid import UUID

from deskstream_platform import kafka
from deskstream_platform.kafka import KafkaServer


async def test_kafka_makes_its_data_whatever_id_was_drawn(tmp_path, monkeypatch):
    dashing = UUID(bytes=b"\xf8" + bytes(15))  # "-" in base64
    monkeypatch.setattr(kafka.uuid, "uuid4", lambda: dashing)
    server = KafkaServer(tmp_path)
    await server.start()
    await server.kill()
