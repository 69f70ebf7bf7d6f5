import json

import pytest
from landscape import MODULES, consumptions, examples, told_on

from deskstream.codec import Codec

CONSUMPTIONS = [pytest.param(one, id=str(one)) for one in consumptions()]
HANDLED = [
    pytest.param(one, name, id=f"{one}-{name}")
    for one in consumptions()
    for name in sorted(one.subscription.handled)
]


def test_the_services_that_read_others_are_seen():
    assert {str(one) for one in consumptions()} >= {
        "incident.service-levels",
        "incident.catalog",
        "sla-monitor.clocks",
        "sla-monitor.policies",
    }


@pytest.mark.parametrize("one", CONSUMPTIONS)
def test_a_consumer_handles_or_ignores_just_what_its_producers_tell(one):
    listed = one.subscription.handled | one.subscription.ignored
    assert listed == told_on(one.subscription.topics).keys()


@pytest.mark.parametrize("one", CONSUMPTIONS)
def test_no_consumer_handles_what_it_ignores(one):
    assert not one.subscription.handled & one.subscription.ignored


@pytest.mark.parametrize(("one", "name"), HANDLED)
def test_a_consumer_reads_its_producers_examples(one, name, moment):
    told = told_on(one.subscription.topics)[name]
    assert Codec(one.forms).decode(name, json.dumps(told), moment)


def test_no_two_services_tell_the_same_type():
    names = [name for service in MODULES for name in examples(service)]
    assert len(set(names)) == len(names)
