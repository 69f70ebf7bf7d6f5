import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(300)
def test_every_figure_of_the_excerpt_agrees_to_the_second():
    command = [sys.executable, Path(__file__).with_name("check.py")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    table = [line.split() for line in run.stdout.splitlines()]
    for figure in ("state", "to_resolve", "on_hold", "group_changes", "breached", "used"):
        assert [figure, "300", "0"] in table, run.stdout
