import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deskstream_platform.folder import occupied
from deskstream_platform.ports import free_port
from deskstream_platform.service import SERVICES

PARTS = ("postgres", "kafka", *(service.name for service in SERVICES))


def demo(folder, *arguments):
    ports = {}
    for part in PARTS:
        ports[part] = free_port(besides=ports.values())
    chosen = [f"--port={part}={port}" for part, port in ports.items()]
    command = [Path(sys.executable).with_name("deskstream"), "demo", "--folder", folder]
    return subprocess.Popen(
        [*command, *chosen, *arguments],
        env=os.environ | {"COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def arrivals(said):
    """The words of the events by the topic, partition and offset at which they arrived."""
    lines = [line.split(maxsplit=3) for line in said.splitlines() if line.startswith("itsm.")]
    return {(topic, where): words for topic, where, _, words in lines}


@pytest.mark.timeout(600)
def test_it_ends_by_itself_with_all_that_it_promises(tmp_path):
    run = demo(tmp_path, "--exit")
    said, _ = run.communicate(timeout=500)
    assert run.returncode == 0, said

    told = arrivals(said)
    story = list(told.values())
    for words in (
        "INC0000001 logged, priority 1: Nobody can book a room",
        "Assigned to Ben Okafor",
        "On hold, awaiting caller",
        "Resumed: caller replied",
        "WARNING: 50% of the time for resolution used",
        "WARNING: 75% of the time for resolution used",
        "ESCALATED: The target resolution was missed.",
        "ESCALATED: 75% of the time for resolution is used.",
        "RESOLVED (fixed): The certificate had expired; it is renewed.",
        "Resolution clock is final: breached",
    ):
        assert story.count(words) == 1, said
    assert sum(words.startswith("BREACH: resolution missed") for words in story) == 1
    assert {topic for topic, _ in told} == {"itsm.incident.events.v1", "itsm.sla-monitor.events.v1"}

    assert "So it is due at" in said
    assert "2,040 rows tell 300 tickets." in said
    assert "Every row was taken." in said
    assert "busiest groups" in said
    assert "≠" not in said
    assert "every expected event was seen, and nothing differs" in said
    assert said.count("/docs\n") == len(SERVICES)
    assert "TOKEN=ey" in said
    assert said.count('curl -H "Authorization: Bearer $TOKEN"') == 3
    assert said.endswith("Stopping …\n")


def test_interrupted_it_was_no_success(tmp_path):
    run = demo(tmp_path, "--exit")
    said = []
    while not any("is ready" in line for line in said):
        said.append(run.stdout.readline())
        assert said[-1], said
    os.killpg(run.pid, signal.SIGINT)
    rest, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "Traceback" not in rest


def test_on_a_folder_in_use_it_says_so_in_a_sentence(tmp_path):
    with occupied(tmp_path):
        run = demo(tmp_path, "--exit")
        said, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert f"already (process {os.getpid()})" in said.splitlines()[-1]
    assert "Traceback" not in said


def test_with_a_strange_identity_provider_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DESKSTREAM_JWKS", "https://idp.example/keys")
    said, _ = (run := demo(tmp_path)).communicate(timeout=60)
    assert (run.returncode, said.strip().endswith("unset DESKSTREAM_JWKS.")) == (1, True)
