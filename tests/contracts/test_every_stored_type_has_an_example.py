import json

import pytest
from landscape import MODULES, examples, folder, service_of

OPENINGS = {
    "agreement": "agreement.agreed.v1",
    "calendar": "calendar.defined.v1",
    "clock": "clock.started.v1",
    "group": "group.registered.v1",
    "import": "import.begun.v1",
    "incident": "incident.logged.v1",
    "organisation": "organisation.registered.v1",
    "person": "person.registered.v1",
    "policy_order": "policy_order.proposed.v1",
    "priority_matrix": "priority_matrix.set.v1",
    "routing": "routing.set.v1",
    "service": "service.registered.v1",
}
UNOPENED = {"clock.ticket_uncovered.v1", "incident.imported.v1"}
"""What begins a stream in its own way."""

BEFORE = {"incident.closed.v1": ["incident.resolved.v2"]}
"""What must have happened between the opening and this."""

AGGREGATES = [
    pytest.param(service, aggregate, id=aggregate.decider.category)
    for service in MODULES
    for aggregate in service_of(service).aggregates
]
STORED = [
    pytest.param(service, aggregate, name, id=name)
    for service in MODULES
    for aggregate in service_of(service).aggregates
    for name in sorted(aggregate.codec.stored_names)
]


def read(service, codec, name, moment):
    return codec.decode(name, json.dumps(examples(service)[name]), moment)


@pytest.mark.parametrize("service", MODULES)
def test_every_stored_type_has_an_example_and_every_example_a_type(service):
    stored = {name for one in service_of(service).aggregates for name in one.codec.stored_names}
    assert {path.name for path in (folder(service) / "examples").iterdir()} == {
        f"{name}.json" for name in stored
    }


@pytest.mark.parametrize(("service", "aggregate", "name"), STORED)
def test_an_example_is_read_and_folded(service, aggregate, name, moment):
    opening = OPENINGS[aggregate.decider.category]
    told = [name] if name in UNOPENED | {opening} else [opening, *BEFORE.get(name, []), name]
    facts = [read(service, aggregate.codec, one, moment) for one in told]
    assert aggregate.decider.fold(facts) != aggregate.decider.initial


@pytest.mark.parametrize(("service", "aggregate", "name"), STORED)
def test_an_example_shows_every_field(service, aggregate, name):
    if name in aggregate.codec.names:
        fields = set(aggregate.codec.names[name].model_fields) - {"at"}
        assert set(examples(service)[name]) == fields


@pytest.mark.parametrize(("service", "aggregate"), AGGREGATES)
def test_no_type_is_written_under_two_names(service, aggregate):
    types = list(aggregate.codec.names.values())
    assert len(set(types)) == len(types), service
