"""Apache Kafka on loopback: one node that is broker and controller (KRaft)."""

import asyncio
import os
import sys
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from signal import SIGTERM

from deskstream_platform.errors import PlatformError, PortTakenError, StartError
from deskstream_platform.jars import cache_folder, class_path, missing_jars
from deskstream_platform.java import aot_cache, java_command
from deskstream_platform.ports import LOOPBACK, StablePort, free_port, is_free
from deskstream_platform.process import Child, spawn

_START_SECONDS = 60.0
# The first stop also writes the ahead-of-time cache.
_STOP_SECONDS = 60.0
_BURIAL_SECONDS = 5.0
_POLL = 0.02

_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    # A killed broker is let in again only when the session of the one before has expired.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.retention.ms": "-1",
}


class KafkaServer:
    """One Kafka node whose data lie in a folder."""

    name = "kafka"

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        log: Path | None = None,
        cache: Path | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.log = log or self.folder / "kafka.log"
        self.cache = cache or cache_folder()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._port = StablePort(self.folder, port)
        self._child: Child | None = None

    @property
    def port(self) -> int:
        """The TCP port of the broker, the same at every start."""
        return self._port.number

    @property
    def bootstrap(self) -> str:
        """The address that clients are given."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the Java machine."""
        return self.child.pid

    @property
    def child(self) -> Child:
        """The running Java machine."""
        if self._child is None:
            raise PlatformError("Kafka is not running.")
        return self._child

    @property
    def trains(self) -> bool:
        """Whether the stop of this run will take longer, to make later starts fast."""
        return not aot_cache(self.cache).exists()

    async def start(self) -> None:
        """Start and wait until the broker tells its metadata, fetching and formatting first."""
        if self._child is not None and await self._child.wait(_BURIAL_SECONDS) is None:
            raise PlatformError("Kafka is running already.")
        if not is_free(self.port):
            raise PortTakenError("Kafka", self.port)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self.fetch()
        self._write_properties()
        await self._format()
        self._child = self._spawn()
        await self._wait_until_ready(self._child)
        self._port.remember()

    async def fetch(self) -> None:
        """Fetch the jars that are not in the cache yet."""
        if not await asyncio.to_thread(missing_jars, self.cache):
            return
        fetch = [sys.executable, "-m", "deskstream_platform.jars", "fetch", str(self.cache)]
        child = spawn("kafka-jars", fetch, self.log)
        if await child.complete() != 0:
            raise PlatformError(child.last_words())

    async def stop(self) -> None:
        """Stop in order; the first stop also leaves the cache that makes later starts fast."""
        if self._child is not None:
            await self._child.stop(_STOP_SECONDS, SIGTERM)
            self._keep_training()
            self._child = None

    async def kill(self) -> None:
        """Take the process away without warning."""
        self.child.process.kill()
        await self.child.wait()
        self._training.unlink(missing_ok=True)
        self._child = None

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _training(self) -> Path:
        """Where this run writes its cache: several first runs would spoil each other's."""
        return self.cache / f"training-{os.getpid()}-{self.port}.aot"

    def _write_properties(self) -> None:
        controller = f"{LOOPBACK}:{free_port()}"
        settings = {
            **self._settings,
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            # Named here and not in the data, the controller may have another port next time.
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self._data),
        }
        lines = (f"{name}={value}\n" for name, value in settings.items())
        self._properties.write_text("".join(lines))

    async def _format(self) -> None:
        if (self._data / "meta.properties").exists():
            return
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # One word, for an id may begin with a dash.
        arguments = ["format", f"--cluster-id={cluster}", "--config", str(self._properties)]
        child = spawn("kafka-format", self._java("kafka.tools.StorageTool", arguments), self.log)
        if await child.complete() != 0:
            raise StartError(f"Kafka could not make its data: {child.last_words()}")

    def _spawn(self) -> Child:
        return spawn(
            "kafka",
            self._java(
                "kafka.Kafka",
                [str(self._properties)],
                *("-Xms256m", "-Xmx512m"),
                *self._training_options(),
            ),
            self.log,
        )

    def _java(self, main_class: str, arguments: list[str], *options: str) -> list[str]:
        known = aot_cache(self.cache)
        start_fast = [f"-XX:AOTCache={known}"] if known.exists() else []
        jars = class_path(self.cache)
        return java_command(jars, main_class, arguments, options=[*start_fast, *options])

    def _training_options(self) -> list[str]:
        return [f"-XX:AOTCacheOutput={self._training}"] if self.trains else []

    def _keep_training(self) -> None:
        if self._training.exists():
            self._training.replace(aot_cache(self.cache))

    async def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and child.running:
            if not is_free(self.port) and await tells_metadata(self.bootstrap):
                return
            await asyncio.sleep(_POLL)
        reason = child.last_words("Exception: ") or child.last_words() or "it does not answer"
        raise StartError(f"Kafka did not start: {reason} (log: {self.log})")


def console_consumer(
    bootstrap: str, topic: str, *arguments: str, cache: Path | None = None
) -> list[str]:
    """The command line of Kafka's own console consumer, from a topic's beginning.

    It prints partition, offset, headers, key and value of each record, separated by tabs.
    """
    shown = ["partition", "offset", "headers", "key"]
    return java_command(
        class_path(cache or cache_folder(), console=True),
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
        [
            *("--bootstrap-server", bootstrap, "--topic", topic, "--from-beginning"),
            *(word for name in shown for word in ("--formatter-property", f"print.{name}=true")),
            *arguments,
        ],
        options=["-XX:TieredStopAtLevel=1"],
        log_level="error",
    )


async def tells_metadata(bootstrap: str) -> bool:
    """Whether a broker answers there and knows of itself."""
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415 - slow to import
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - as above

    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await client.start()
        return bool((await client.describe_cluster())["brokers"])
    except KafkaError:
        return False
    finally:
        await client.close()
