import json
import shutil

import jsonschema
import pytest
import yaml
from landscape import MODULES, ROOT, folder
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from typer.testing import CliRunner

from deskstream.cloudevent import message_headers
from deskstream.envelope import Origin
from deskstream_platform.cli import app
from deskstream_platform.contracts import contracts

SERVICES = sorted(MODULES)


def asyncapi(service):
    return yaml.safe_load((folder(service) / "asyncapi.yaml").read_text())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_promises_what_it_does(service):
    for name, text in contracts(MODULES[service], folder(service) / "examples").items():
        committed = (folder(service) / name).read_text()
        assert committed == text, f"run `deskstream contracts`: {service}'s {name} is out of date"


def test_the_command_writes_the_documents(tmp_path):
    for service in SERVICES:
        shutil.copytree(folder(service) / "examples", tmp_path / service / "contracts/examples")
    assert CliRunner().invoke(app, ["contracts", str(tmp_path)]).exit_code == 0
    for service in SERVICES:
        for name in ("openapi.json", "asyncapi.yaml"):
            written = (tmp_path / service / "contracts" / name).read_bytes()
            assert written == (folder(service) / name).read_bytes()


def test_the_command_says_where_it_has_to_be_run(tmp_path):
    refused = CliRunner().invoke(app, ["contracts", str(tmp_path)])
    assert "name the folder of the services' sources" in str(refused.exception)


@pytest.mark.parametrize("service", SERVICES)
def test_openapi_documents_are_valid(service):
    document = json.loads((folder(service) / "openapi.json").read_text())
    assert document["openapi"].startswith("3.1.")
    validate(document, cls=OpenAPIV31SpecValidator)


def test_an_openapi_document_can_be_invalid():
    document = json.loads((folder("incident") / "openapi.json").read_text())
    del document["info"]["version"]
    with pytest.raises(OpenAPIValidationError, match="is a required property"):
        validate(document, cls=OpenAPIV31SpecValidator)


def test_asyncapi_documents_are_valid(asyncapi_faults):
    paths = [folder(service) / "asyncapi.yaml" for service in SERVICES]
    assert asyncapi_faults(*paths) == [[] for _ in paths]


@pytest.mark.parametrize(
    ("part", "change", "fault"),
    [
        ("info", {"version": 1}, "version"),
        ("operations", {"publish": {"channel": {"$ref": "#/channels/nowhere"}}}, "nowhere"),
        ("channels", {"itsm.sla-monitor.events.v1": {"messages": []}}, "messages"),
    ],
)
def test_an_asyncapi_document_can_be_invalid(asyncapi_faults, tmp_path, part, change, fault):
    document = asyncapi("sla-monitor")
    document[part] |= change
    path = tmp_path / "asyncapi.yaml"
    path.write_text(yaml.safe_dump(document))
    (found,) = asyncapi_faults(path)
    assert fault in " ".join(found)


def misfits(document):
    """The messages whose examples are not as their schema says."""
    for name, message in document["components"]["messages"].items():
        schema = message["payload"] | {"components": document["components"]}
        validator = jsonschema.Draft202012Validator(schema)
        for example in message.get("examples", ()):
            if not validator.is_valid(example["payload"]):
                yield name


@pytest.mark.parametrize("service", SERVICES)
def test_examples_are_as_their_schema_says(service):
    assert list(misfits(asyncapi(service))) == []


def test_a_false_example_is_seen():
    document = asyncapi("sla-monitor")
    message = document["components"]["messages"]["clock.breached.v1"]
    message["examples"][0]["payload"]["target"] = "happiness"
    assert list(misfits(document)) == ["clock.breached.v1"]


def test_headers_are_as_described(moment):
    row = {
        "stream": "incident-0197a3c2-5b7e-7c11-9d40-3f2f6d0f8a10",
        "version": 2,
        "position": 7,
        "type": "incident.assigned.v2",
        "occurred_at": moment,
        "recorded_at": moment,
    }
    origin = Origin("Ann", "agent", "c1", "m1", "p", 1, trace="00-0af7-b7ad-01")
    schema = asyncapi("incident")["components"]["schemas"]["CloudEvent"]
    for told in (origin, Origin("Ann", "agent", "c1")):
        headers = message_headers("incident", row | {"origin": json.dumps(told.as_json())})
        named = {name: value.decode() for name, value in headers}
        jsonschema.validate(named, schema | {"additionalProperties": False})


def test_what_is_personal_or_free_text_or_for_staff_only_is_marked():
    messages = asyncapi("incident")["components"]["messages"]
    marks = messages["incident.logged.v1"]["x-sensitivity"]
    assert marks == {
        "title": "free-text",
        "description": "free-text",
        "caller": "person",
        "on_behalf_of": "person",
    }
    assert messages["incident.note_added.v1"]["x-internal"]
    assert "x-internal" not in messages["incident.comment_added.v2"]


def test_who_reads_its_own_topic_still_says_all_that_is_on_it():
    document = asyncapi("incident")
    topic = document["channels"]["itsm.incident.events.v1"]["messages"]
    reading = document["operations"]["families:itsm.incident.events.v1"]["messages"]
    assert len(topic) > len(reading)
    for name in topic:
        assert "payload" in document["components"]["messages"][name], name
        assert document["components"]["messages"][name]["examples"], name


def test_the_lock_of_the_validator_names_no_host():
    assert "://" not in (ROOT / "tests/contracts/node/package-lock.json").read_text()
