import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*arguments, folder=ROOT):
    # Run by make itself, this one would say so in its output.
    outer = {name for name in os.environ if name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        [shutil.which("make"), *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in outer},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bare(tmp_path):
    """A clone in which nothing is set up."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    return tmp_path


@pytest.fixture
def set_up():
    path = ROOT / "deploy" / "local" / "bootstrap" / "set_up.py"
    spec = importlib.util.spec_from_file_location("set_up", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_bare_make_prints_its_commands_with_a_line_each():
    lines = make().stdout.splitlines()
    assert [line.split()[1] for line in lines] == [
        *("demo", "up", "test", "check", "bench", "replay-check", "clean", "lock")
    ]
    assert all(len(line.split()) > 4 for line in lines)


def test_a_missing_python_is_said_in_a_sentence(bare):
    result = make("up", "PYTHON=no-such-python", folder=bare)
    assert "There is no no-such-python: install Python 3.11 or later." in result.stdout
    assert result.returncode != 0


def test_a_python_that_is_too_old_is_said_with_the_remedy(set_up, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"Python 3.10 is too old: install Python 3.11 or later"):
        set_up.require_python()


def test_a_python_without_venv_is_said_with_the_remedy(set_up, monkeypatch):
    monkeypatch.setattr(set_up.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match=r"no venv module.*apt install python3-venv"):
        set_up.require_python()


def test_an_uv_that_is_half_there_does_not_count(set_up, tmp_path, monkeypatch):
    half = tmp_path / "uv"
    half.write_bytes(b"\x7fELF")
    monkeypatch.setattr(set_up, "UV", half)
    assert not set_up.uv_works()


def test_a_set_up_that_failed_says_where_to_look(set_up, tmp_path, monkeypatch):
    monkeypatch.setattr(set_up, "LOG", tmp_path / "log")
    with pytest.raises(SystemExit, match=r"failed at fetching uv: check the network.*log tells"):
        set_up.run("fetching uv", sys.executable, "-c", "raise SystemExit('no route')")
    assert "no route" in (tmp_path / "log").read_text()


def test_clean_says_that_data_stay_and_how_to_delete_them(bare):
    (bare / ".deskstream").mkdir()
    result = make("clean", folder=bare)
    assert (bare / ".deskstream").exists()
    assert "rm -r .deskstream" in result.stdout


def test_the_locks_name_no_address():
    for lock in [*ROOT.glob("*.lock"), *ROOT.glob("deploy/**/*.lock")]:
        if lock.name != "uv.lock":
            assert "://" not in lock.read_text(), lock
