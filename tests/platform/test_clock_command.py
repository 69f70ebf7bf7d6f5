import subprocess
import sys
from pathlib import Path

import pytest


def simulate(path):
    return subprocess.run(
        [Path(sys.executable).with_name("deskstream"), "clock", "simulate", path],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "cannot be read"), ("{", "is not JSON"), ("{}", "holds no JSON list")],
)
def test_cases_that_cannot_be_read_end_in_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "cases.json"
    if content is not None:
        path.write_text(content)
    result = simulate(path)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
