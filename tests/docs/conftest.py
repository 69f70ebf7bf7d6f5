import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from deskstream_platform.issuer import Person, issue_token
from deskstream_platform.ports import free_port
from deskstream_platform.record import RunningPlatform

sys.path.insert(0, str(Path(__file__).parent))  # its parts are imported by name

PROJECT = Path(__file__).parents[2]
USUAL = {"catalog": 8101, "incident": 8102, "sla-monitor": 8106, "kafka": 8192}
COPIES = {
    "incident": ("itsm.incident.catalog", "itsm.incident.parties"),
    "sla-monitor": ("itsm.sla-monitor.policies",),
}
OWNER = Person("olga", "owner")


def within(seconds, condition, what):
    deadline = time.monotonic() + seconds
    while not (met := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return met


class Platform:
    """`make up` as a reader has it, on ports that are free."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = folder / ".deskstream"
        ports = []
        for _ in (*USUAL, "postgres"):
            ports.append(free_port(besides=ports))
        chosen = zip((*USUAL, "postgres"), ports, strict=True)
        self.process = subprocess.Popen(
            [folder / ".venv/bin/deskstream", "up", *(f"--port={n}={p}" for n, p in chosen)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        within(60, self._is_ready, "the platform is ready")
        self.found = RunningPlatform.find(self.settings)
        self.client = httpx.Client(
            trust_env=False,
            headers={"Authorization": f"Bearer {issue_token(self.settings, OWNER)}"},
        )

    def _is_ready(self):
        assert self.process.poll() is None, self.process.stdout.read()
        return (self.settings / "platform.json").exists()

    @property
    def addresses(self):
        """What pages name, by what it is here."""
        here = {name: one.url.removeprefix("http://") for name, one in self.found.services.items()}
        here["kafka"] = self.found.kafka
        return {f"127.0.0.1:{port}": here[name] for name, port in USUAL.items()}

    def ask(self, service, path, **query):
        answer = self.client.get(self.found.services[service].url + path, params=query)
        return answer.raise_for_status().json()

    def take_a_breath(self):
        """A reader is slower than the catalogue's facts on their way to the other services."""
        last, page = 0, self.ask("catalog", "/events", limit=200)
        while page["events"]:
            last = int(page["events"][-1]["position"])
            page = self.ask("catalog", "/events", limit=200, after=page["next"])

        def known(service, group):
            rows = self.ask(service, "/progress", limit=200)["items"]
            read = [int(row["position"]) for row in rows if row["consumer_group"] == group]
            return max(read, default=0) >= last

        for service, groups in COPIES.items():
            for group in groups:
                within(30, lambda g=group, s=service: known(s, g), f"{group} has read {last}")

    def stop(self):
        self.client.close()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.communicate(timeout=60)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder that looks like the project's, with data of its own."""
    folder = tmp_path_factory.mktemp("project")
    for entry in PROJECT.iterdir():
        if entry.name not in {".deskstream", ".git"}:
            folder.joinpath(entry.name).symlink_to(entry)
    return folder


@pytest.fixture(scope="session")
def platform(folder):
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DESKSTREAM_FOLDER", raising=False)
        platform = Platform(folder)
        yield platform
        platform.stop()
