import asyncio
import socket
import time

import pytest

from deskstream_platform.errors import PlatformError, PortTakenError
from deskstream_platform.port_plan import plan_ports, until_free
from deskstream_platform.ports import free_port


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def plan(said=None, **arguments):
    known = {"defaults": {}, "chosen": {}, "recorded": {}} | arguments
    return plan_ports(**known, tell=(said if said is not None else []).append)


def test_the_usual_port_is_used_when_it_is_free():
    usual = free_port()
    assert plan(defaults={"incident": usual}) == {"incident": usual}


def test_a_taken_usual_port_is_replaced_and_said(taken):
    said = []
    port = plan(said, defaults={"incident": taken})["incident"]
    assert port != taken
    assert said == [f"Port {taken} is taken: incident listens on {port} instead."]


def test_a_taken_chosen_port_is_refused(taken):
    with pytest.raises(PortTakenError, match=f"Port {taken}, wanted for incident, is taken"):
        plan(defaults={"incident": free_port()}, chosen={"incident": taken})


def test_the_port_of_the_last_run_comes_before_the_usual_one():
    last = free_port()
    ports = plan(defaults={"incident": free_port()}, recorded={"incident": last})
    assert ports == {"incident": last}


def test_no_two_parts_get_the_same_free_port(taken):
    names = [f"part-{n}" for n in range(50)]
    assert len(set(plan(defaults=dict.fromkeys(names, taken)).values())) == len(names)


def test_a_port_for_nothing_known_is_refused_with_what_is_known():
    with pytest.raises(PlatformError, match=r"nothing called kafak .* incident, kafka"):
        plan(defaults={"incident": 1, "kafka": 2}, chosen={"kafak": 3})


async def test_ports_of_an_interrupted_run_are_waited_for():
    server = socket.create_server(("127.0.0.1", 0))
    asyncio.get_running_loop().call_later(0.3, server.close)
    since = time.monotonic()
    await until_free({"incident": server.getsockname()[1]}, 10)
    assert 0.3 <= time.monotonic() - since < 5


async def test_but_not_for_ever(taken):
    since = time.monotonic()
    await until_free({"incident": taken}, 0.2)
    assert time.monotonic() - since < 5
