"""Each rule is broken in a copy, so that it is known to be able to fail."""

import shutil

import pytest
from house import ROOT, Service, admit, lint_imports, lint_pure, services


@pytest.fixture
def copied(tmp_path):
    """`copied("incident")` is a copy of that package that Python finds instead of it."""

    def copy(name):
        (source,) = ROOT.glob(f"*/*/src/{name}")
        ignored = shutil.ignore_patterns("__pycache__")
        return shutil.copytree(source, tmp_path / "copies" / name, ignore=ignored)

    return copy


@pytest.fixture
def objection(tmp_path):
    """What import-linter has against the copies."""

    def lint():
        copies = tmp_path / "copies"
        found = {
            name: Service(name, copies / name) if (copies / name).exists() else service
            for name, service in services().items()
        }
        status, said = lint_imports(found, tmp_path, copies)
        assert status != 0, said
        return " ".join(said.split())

    return lint


def append(module, line):
    module.write_text(f"{module.read_text()}\n{line}\n")


def test_a_missing_room(copied, objection):
    (copied("incident") / "foreign.py").unlink()
    assert "module incident.foreign does not exist" in objection()


def test_a_missing_room_of_an_aggregate(copied, objection):
    (copied("catalog") / "calendars/terms.py").unlink()
    assert "module catalog.calendars.terms does not exist" in objection()


def test_an_unnamed_module(copied, objection):
    (copied("incident") / "misfits.py").touch()
    assert "incident.misfits" in objection()


def test_a_room_that_the_service_was_said_to_have_no_use_for(copied, objection):
    (copied("catalog") / "policies.py").touch()
    assert "catalog.policies" in objection()


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("terms/__init__.py", "from incident import events"),
        ("events/words.py", "from incident.commands import LogIncident"),
        ("decider/state.py", "from incident import policies"),
        ("policies/waves.py", "from incident import queries"),
        ("queries/listing.py", "from incident.api import bodies"),
        ("consumer/waves.py", "from incident import main"),
    ],
)
def test_an_import_from_above_or_beside(copied, objection, room, line):
    append(copied("incident") / room, line)
    assert "The rooms of incident BROKEN" in objection()


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("store.py", "from deskstream.http import problems"),
        ("retry.py", "from deskstream.operating import rebuild"),
        ("timekeeper.py", "from deskstream.consuming import frontier"),
        ("consuming/consumer.py", "from deskstream.http import problems"),
        ("consuming/policy.py", "from deskstream import service"),
        ("http/feed.py", "from deskstream.operating import rewind"),
    ],
)
def test_a_sitting_that_needs_a_later_one(copied, objection, module, line):
    append(copied("deskstream") / module, line)
    assert "The sittings of the kernel BROKEN" in objection()


def test_an_aggregate_that_imports_another(copied, objection):
    append(copied("catalog") / "services/terms.py", "from catalog.calendars import terms")
    assert "The rooms of catalog BROKEN" in objection()


@pytest.mark.parametrize(
    ("package", "module", "line"),
    [
        ("incident", "terms/__init__.py", "from catalog import terms"),
        ("incident", "main.py", "import deskstream_platform"),
        ("sla_monitor", "consumer.py", "import deskstream_testing"),
        ("deskstream", "gate.py", "def late():\n    import incident"),
        ("deskstream", "timer.py", "import deskstream_worktime"),
        ("deskstream_worktime", "errors.py", "from deskstream.decider import Refusal"),
        ("deskstream_platform", "ports.py", "import deskstream_testing"),
    ],
)
def test_an_import_of_what_stands_above_or_beside_the_package(
    copied, objection, package, module, line
):
    append(copied(package) / module, line)
    assert "The kernel knows no service, and no service another BROKEN" in objection()


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("terms/__init__.py", "import asyncio"),
        ("policies/waves.py", "from deskstream.database import Connection"),
        ("decider/state.py", "from deskstream.cloudevent import Message"),
        ("events/__init__.py", "from deskstream.http.problems import Problem"),
        ("foreign.py", "from deskstream.topics import events_topic"),
    ],
)
def test_a_pure_room_that_brings_io_along(copied, module, line):
    incident = copied("incident")
    append(incident / module, line)
    room = f"incident.{module.split('/')[0].removesuffix('.py')}"
    status, said = admit(room, incident.parent)
    assert status != 0
    assert "has no business in a pure room" in said


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import UTC, datetime; late = datetime.now(UTC)",
        "import datetime as when; late = when.datetime.utcnow()",
        "from datetime import date; late = date.today()",
        "from time import monotonic as now",
        "import random",
        "from secrets import token_hex",
        "from uuid import uuid4 as fresh; one = fresh()",
        "import uuid; one = uuid.uuid1()",
        "from uuid_utils import uuid7",
        "import os; home = os.environ['HOME']",
        "told = open('told')",
        "from pathlib import Path",
        "from time import time  # noqa: TID251",
    ],
)
def test_a_pure_room_that_asks_the_world(copied, line):
    decider = copied("incident") / "decider"
    append(decider / "timing.py", line)
    status, said = lint_pure([decider])
    assert status != 0
    assert "timing.py" in said
