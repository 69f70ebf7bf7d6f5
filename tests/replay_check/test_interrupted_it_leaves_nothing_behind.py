import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

CHECK = Path(__file__).with_name("check.py")


def to_all(run, number):
    """As a terminal does."""
    os.killpg(run.pid, number)


def to_itself(run, number):
    run.send_signal(number)


@pytest.mark.parametrize(("send", "number"), [(to_all, signal.SIGINT), (to_itself, signal.SIGTERM)])
def test_interrupted_it_leaves_nothing_behind(tmp_path, monkeypatch, send, number):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run = subprocess.Popen(
        [sys.executable, CHECK],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    while "rows tell" not in "".join(said):
        said.append(run.stdout.readline())
        assert said[-1], said
    children = psutil.Process(run.pid).children(recursive=True)
    assert children
    send(run, number)
    rest, _ = run.communicate(timeout=90)
    assert run.returncode == 1, rest
    assert rest.strip().endswith("Interrupted.")
    assert "Traceback" not in rest
    assert [child for child in children if child.is_running()] == []
    assert list(tmp_path.iterdir()) == []
