import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deskstream_platform.kafka import KafkaServer
from deskstream_platform.ports import free_port
from deskstream_platform.postgres import PostgresServer
from deskstream_platform.record import RunningPlatform
from deskstream_platform.service import SERVICES

PARTS = ("postgres", "kafka", *(service.name for service in SERVICES))


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory):
    server = PostgresServer(tmp_path_factory.mktemp("postgres"), settings={"fsync": "off"})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def kafka(tmp_path_factory):
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def stand_ins(tmp_path):
    """The environment in which `python -m <service>.main` runs a stand-in."""
    source = (Path(__file__).parent / "stand_in.py").read_text()
    modules = tmp_path / "modules"
    for service in SERVICES:
        (modules / service.module).mkdir(parents=True)
        (modules / service.module / "__init__.py").touch()
        (modules / service.module / "main.py").write_text(source)
    return {"PYTHONPATH": str(modules), "JOURNAL": str(tmp_path / "journal")}


def free_ports():
    ports = []
    while True:
        ports.append(free_port(besides=ports))
        yield ports[-1]


def within(seconds, condition):
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


class Up:
    """`deskstream up` in a process of its own, on free ports."""

    def __init__(self, folder, environment, ports):
        self.folder = folder
        self.ports = ports
        options = [f"--port={name}={port}" for name, port in ports.items()]
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("deskstream"), "up", "--folder", folder, *options],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ready(self):
        """Its addresses, as soon as it has written them down."""
        record = self.folder / "platform.json"

        def written():
            assert self.process.poll() is None, self.process.stdout.read()
            return record.exists() and str(self.process.pid) in record.read_text()

        assert within(60, written)
        return RunningPlatform.find(self.folder)

    def child(self, word):
        """The child in whose command line the word is."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if word in " ".join(child.cmdline()))

    def descendants(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number):
        """Signal its process group, as a terminal does."""
        os.killpg(self.process.pid, number)
        return self.ended()

    def ended(self):
        """Its exit status and what it said."""
        said, _ = self.process.communicate(timeout=60)
        return self.process.returncode, said


@pytest.fixture
def up(tmp_path, stand_ins):
    runs = []

    def start(folder=None, *, parts=PARTS, **environment):
        ports = runs[0].ports if runs else dict(zip(parts, free_ports(), strict=False))
        runs.append(Up(folder or tmp_path / "folder", stand_ins | environment, ports))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGTERM)
        run.process.communicate(timeout=60)
