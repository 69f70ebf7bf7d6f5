import io
import time
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from deskstream_platform.errors import PlatformError
from deskstream_platform.replay import batches as cutting
from deskstream_platform.replay.readable import readable
from deskstream_platform.replay.replaying import Replay, of_customer
from deskstream_platform.replay.report import refused_by_the_service, write_report
from deskstream_platform.replay.rows import Refused
from deskstream_platform.replay.run import speed_of
from deskstream_platform.replay.steps import Kind, Step

NINE = datetime(2016, 2, 29, 9, tzinfo=UTC)


class Service:
    """What the import API does, in memory; it breaks off after some requests if told so."""

    def __init__(self):
        self.known, self.frontier, self.breaks_after = [], None, None

    async def post(self, path, body=None):
        if path == "/imports":
            frontier = self.frontier and self.frontier.isoformat()
            return {"id": "one", "frontier": frontier}
        if path.endswith("/frontier"):
            self.frontier = datetime.fromisoformat(body["until"])
            return {}
        if self.breaks_after == 0:
            raise PlatformError("It does not answer.")
        if self.breaks_after is not None:
            self.breaks_after -= 1
        return {"outcomes": [{"outcome": self._take(step)} for step in body["steps"]]}

    async def get(self, path, after, limit):
        assert (path, limit) == ("/imports/one/refusals", 200)
        pages = {0: ("INC1", 2, "7"), "7": ("INC2", 1, None)}
        ticket, sequence, following = pages[after]
        refused = {"ticket": ticket, "sequence": sequence, "code": "no-way", "detail": "Why."}
        return {"items": [refused], "next": following}

    def _take(self, step):
        key = step["ticket"], step["sequence"]
        if key in self.known:
            return "before"
        self.known.append(key)
        return "done"


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(cutting, "MOST_STEPS", 2)


@pytest.fixture
def service():
    return Service()


STEPS = [
    Step("INC1", nth, nth + 1, NINE + timedelta(minutes=nth), Kind.START, "ann", {})
    for nth in range(1, 8)
]


def replay(service, **more):
    console = Console(file=io.StringIO(), force_terminal=more.pop("terminal", False))
    return Replay(service, STEPS, console, **more)


@pytest.mark.parametrize("terminal", [True, False])
async def test_all_is_told_in_order_and_the_frontier_ends_with_it(service, terminal):
    run = replay(service, terminal=terminal)
    await run.tell(await run.begin("x", "y"))
    assert service.known == [("INC1", nth) for nth in range(1, 8)]
    assert service.frontier == STEPS[-1].at
    assert run.outcomes == {"done": 7}
    assert "7 of 7" in run.console.file.getvalue() or terminal


async def test_told_again_nothing_is_sent(service):
    await (run := replay(service)).tell(await run.begin("x", "y"))
    again = replay(service)
    await again.tell(await again.begin("x", "y"))
    assert not again.outcomes
    assert again.told == 7


async def test_broken_off_it_goes_on_behind_the_frontier(service):
    service.breaks_after = 3
    run = replay(service)
    with pytest.raises(PlatformError):
        await run.tell(await run.begin("x", "y"))
    assert (run.told, service.frontier) == (6, STEPS[1].at)
    service.breaks_after = None
    again = replay(service)
    await again.tell(await again.begin("x", "y"))
    assert again.outcomes == {"before": 4, "done": 1}
    assert service.known == [("INC1", nth) for nth in range(1, 8)]


async def test_slowed_down_a_step_waits_for_its_time(service):
    since = time.monotonic()
    run = replay(service, speed=1200)
    await run.tell(None)
    assert time.monotonic() - since >= 0.3


async def test_refusals_of_the_service_are_told_by_line_and_reason(service, tmp_path):
    refused = await refused_by_the_service(service, "one", STEPS)
    write_report(tmp_path / "report.csv", [*refused, Refused(2, "Unreadable.")])
    assert (tmp_path / "report.csv").read_text().splitlines() == [
        "line,reason",
        "2,Unreadable.",
        '3,"INC1, start: Why. (no-way)"',
    ]


def test_what_the_service_cannot_read_is_left_out_with_its_line():
    without_reason = Step("INC1", 8, 9, NINE, Kind.CANCEL, "ann", {})
    good, refused = readable([STEPS[0], without_reason])
    assert good == [STEPS[0]]
    assert [one.line for one in refused] == [9]
    assert refused[0].reason.startswith("INC1, cancel: fields.reason: ")


def test_tickets_belong_to_the_customer():
    opened = Step("INC1", 1, 2, NINE, Kind.LOG, "ann", {"title": "x"})
    found = of_customer([opened, STEPS[1]], "acme")
    assert [step.fields for step in found] == [{"title": "x", "organisation": "acme"}, {}]


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "fast"])
def test_what_is_no_speed_is_said_in_a_sentence(text):
    with pytest.raises(PlatformError, match=f"--speed {text} is no speed"):
        speed_of(text)


def test_a_speed_is_a_number_or_max():
    assert (speed_of("max"), speed_of("3600")) == (None, 3600.0)
