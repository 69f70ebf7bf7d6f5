import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
import yaml

from deskstream.cloudevent import attributes
from deskstream.settings import Settings
from deskstream_platform.cli import app
from deskstream_platform.operations import definition
from deskstream_platform.service import SERVICES
from deskstream_platform.settings import PlatformSettings

PROJECT = Path(__file__).parents[2]
REFERENCE = PROJECT / "docs" / "reference"
SETTINGS = (REFERENCE / "settings.md").read_text()
COMMANDS = (REFERENCE / "commands.md").read_text()
EVENTS = (REFERENCE / "events.md").read_text()
MAKEFILE = (PROJECT / "Makefile").read_text()
EVERYWHERE = {"--folder", "--help", "--port"}
NAMES = [one.name for one in SERVICES]
LEFT_TO_THE_STANDARD = {"specversion"}
EVENT = {
    "type": "incident.resolved.v1",
    "stream": "incident-01990000-0000-7000-8000-000000000000",
    "version": 3,
    "position": 8,
    "occurred_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
    "recorded_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
}
ORIGIN = {
    "correlation": "story",
    "causation": "incident-1@2",
    "depth": 1,
    "actor": "ada",
    "role": "agent",
    "trace": "00-1-1-01",
}


def section(page, heading):
    return page.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def named(text):
    return re.findall(r"`([\w:-]+)`", text)


@pytest.mark.parametrize(
    ("settings", "heading"),
    [(Settings, "A service"), (PlatformSettings, "The local platform")],
)
def test_each_setting_is_in_the_reference(settings, heading):
    variables = set(re.findall(r"`DESKSTREAM_(\w+)`", section(SETTINGS, heading)))
    assert variables == {name.upper() for name in settings.model_fields}


def commands(group, before=""):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


@pytest.mark.parametrize(("name", "command"), list(commands(typer.main.get_command(app))))
def test_each_command_is_in_the_reference_with_its_options(name, command):
    (line,) = re.findall(rf"^\| `({name}\b.*?)` \|", COMMANDS, re.MULTILINE)
    options = {option for one in command.params for option in one.opts if option[:2] == "--"}
    assert set(re.findall(r"--\w[\w-]*", line)) - EVERYWHERE == options - EVERYWHERE


def test_each_target_of_make_is_in_the_reference():
    targets = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)
    assert targets
    for target in targets:
        assert f"`make {target}`" in COMMANDS


def contract(service):
    return PROJECT / "services" / service / "contracts"


@pytest.mark.parametrize("service", NAMES)
def test_each_consumer_and_read_model_is_in_the_reference(service):
    row = re.search(rf"^\| {service} \|(.*)\|(.*)\|(.*)\|$", COMMANDS, re.MULTILINE)
    consumers, own, copies = (set(named(cell)) for cell in row.groups())
    operations = yaml.safe_load((contract(service) / "asyncapi.yaml").read_text())["operations"]
    this = definition(service)
    assert consumers == {name.partition(":")[0] for name in operations if ":" in name}
    assert own == {model.name for one in this.aggregates for model in one.projections}
    assert copies == {one.purpose for one in this.copies}


@pytest.mark.parametrize("service", NAMES)
def test_the_contracts_of_each_service_are_in_the_reference(service):
    (row,) = re.findall(rf"^\| {service} \|.*$", EVENTS, re.MULTILINE)
    for part in ("asyncapi.yaml", "openapi.json", "examples"):
        assert f"(../../services/{service}/contracts/{part})" in row


@pytest.mark.parametrize("service", NAMES)
def test_each_event_says_in_a_sentence_what_happened_and_shows_an_example(service):
    document = yaml.safe_load((contract(service) / "asyncapi.yaml").read_text())
    for name in document["channels"][f"itsm.{service}.events.v1"]["messages"]:
        message = document["components"]["messages"][name]
        assert message["summary"].endswith("."), name
        assert message["examples"], name
        assert (contract(service) / "examples" / f"{name}.json").exists(), name


def test_each_attribute_of_an_event_is_in_the_reference():
    members = attributes("incident", {**EVENT, "origin": json.dumps(ORIGIN)})
    cells = re.findall(r"^\| (`.*?) \|", section(EVENTS, "Around every event"), re.MULTILINE)
    assert set(named(" ".join(cells))) == set(members) - LEFT_TO_THE_STANDARD


def test_each_scope_that_a_route_asks_for_is_in_the_reference():
    rows = re.findall(r"^\| `(\w+)` \|", section(EVENTS, "Roles and scopes"), re.MULTILINE)
    code = [*PROJECT.glob("services/*/src/**/*.py"), *PROJECT.glob("shared/kernel/src/**/*.py")]
    asked = re.findall(r'scope="(\w+)"', "".join(path.read_text() for path in code))
    assert set(asked) <= set(rows)
