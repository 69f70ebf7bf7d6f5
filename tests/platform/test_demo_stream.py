from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from deskstream_platform.demo.story import EXPECTED, Story
from deskstream_platform.demo.stream import Arrival, Stream, out_of_order, read_line

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def after(seconds):
    return NINE + timedelta(seconds=seconds)


def arrival(type="incident.logged.v1", stream="incident-a", version=1, seconds=0.0, **data):
    return Arrival(
        topic="t",
        partition=0,
        offset=0,
        id=f"{stream}@{version}",
        type=type,
        stream=stream,
        version=version,
        at=after(seconds),
        recorded_at=after(seconds),
        data=data,
    )


HEADERS = (
    "ce_specversion:1.0,ce_id:incident-a@2,ce_type:incident.assigned.v2,"
    "ce_time:2026-11-23T09:00:00+00:00,ce_subject:incident-a,"
    "ce_recordedtime:2026-11-23T09:00:01+00:00,ce_actor:Doe, Jane,ce_streamversion:2,"
    "content-type:application/json"
)


def test_a_line_of_the_console_consumer():
    found = read_line("t", f'Partition:3\tOffset:17\t{HEADERS}\tincident-a\t{{"group": "a\\tb"}}\n')
    assert (found.partition, found.offset, found.version, found.ticket) == (3, 17, 2, "a")
    assert (found.at, found.recorded_at) == (NINE, after(1))
    assert found.data == {"group": "a\tb"}


@pytest.mark.parametrize(
    "line",
    ["[2026-11-23] WARN something\n", "Partition:3\tOffset:17\tNO_HEADERS\tkey\tvalue\n", "\n"],
)
def test_what_is_no_event_is_passed_over(line):
    assert read_line("t", line) is None


async def test_a_stream_takes_each_event_once_and_nothing_old():
    stream, heard = Stream(since=NINE), []
    stream.take(arrival(version=1))
    stream.listen(heard.append)
    stream.take(arrival(version=1))
    stream.take(arrival(version=2, seconds=-1))
    stream.take(arrival(version=3))
    assert [one.version for one in heard] == [1, 3]
    assert not await stream.until(lambda: len(heard) > 2, seconds=0.01)


def test_a_gap_or_a_turn_in_a_stream_is_seen():
    one, two, three = (arrival(version=version) for version in (1, 2, 3))
    assert out_of_order([one, two, three]) == []
    assert len(out_of_order([one, three])) == 1
    assert len(out_of_order([two, one])) == 1


def the_story(kinds):
    stream = Stream(since=NINE)
    for version, (kind, target) in enumerate(kinds, 1):
        stream.take(arrival(kind, "incident-a", version, target=target))
    story = Story(api=None, stream=stream, page=None, stage=StageOfNobody())
    story.ticket = "a"
    return story.differences()


class StageOfNobody:
    customer = "nobody"


def test_a_story_misses_what_did_not_arrive_and_minds_what_came_twice():
    breach = ("clock.breached.v1", "resolution")
    assert the_story(EXPECTED.elements()) == []
    assert the_story((EXPECTED - Counter([breach])).elements()) == [
        "1 of clock.breached.v1 resolution did not arrive"
    ]
    assert the_story((EXPECTED + Counter([breach])).elements()) == [
        "1 of clock.breached.v1 resolution too many arrived"
    ]
    suspicion = ("clock.breach_suspected.v1", "resolution")
    assert the_story((EXPECTED + Counter([suspicion])).elements()) == []
