import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(600)
def test_every_figure_of_the_excerpt_agrees_to_the_second_and_every_row_comes_back():
    command = [sys.executable, Path(__file__).with_name("check.py")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=580, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    table = [line.split() for line in run.stdout.splitlines()]
    for figure in ("state", "to_resolve", "on_hold", "group_changes", "breached", "used"):
        assert [figure, "300", "0"] in table, run.stdout
    for again in ("Read models made anew", "and from topics filled again"):
        assert re.search(rf"^{again} +\d,\d+ +0$", run.stdout, re.MULTILINE), run.stdout
