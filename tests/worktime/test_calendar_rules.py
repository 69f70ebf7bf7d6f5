import pickle
from datetime import timedelta

import pytest
from slow_reference import utc

from deskstream_worktime import WorkCalendar
from deskstream_worktime.windows import timeline_of

OFFICE = [["09:00", "12:00"], ["13:00", "17:00"]]
HOURS = {"mon": OFFICE, "tue": OFFICE, "wed": OFFICE, "thu": OFFICE, "fri": OFFICE}
HOUR = timedelta(hours=1)


def office(**exceptions) -> WorkCalendar:
    return WorkCalendar.of("Europe/London", HOURS, **exceptions)


def test_using_a_window_up_gives_its_close_and_counting_back_gives_its_opening():
    calendar = office()
    assert calendar.add(utc("2024-01-08T09:00Z"), 3 * HOUR) == utc("2024-01-08T12:00Z")
    assert calendar.add(utc("2024-01-08T17:00Z"), -4 * HOUR) == utc("2024-01-08T13:00Z")


def test_adding_zero_snaps_forward_and_a_backward_snap_gives_the_last_close():
    calendar, saturday = office(), utc("2024-01-06T11:00Z")
    assert calendar.add(saturday, timedelta()) == utc("2024-01-08T09:00Z")
    assert calendar.snap(saturday, backward=True) == utc("2024-01-05T17:00Z")
    open_now = utc("2024-01-08T09:00Z")
    assert calendar.snap(open_now) == calendar.snap(open_now, backward=True) == open_now


def test_a_close_snaps_to_the_next_opening_and_back_to_itself():
    calendar, close = office(), utc("2024-01-08T12:00Z")
    assert calendar.snap(close) == utc("2024-01-08T13:00Z")
    assert calendar.snap(close, backward=True) == close


def test_an_opening_is_open_and_a_close_is_not():
    calendar = office()
    assert calendar.is_open(utc("2024-01-08T09:00Z"))
    assert not calendar.is_open(utc("2024-01-08T12:00Z"))


def test_holidays_empty_a_day_once_or_every_year():
    calendar = office(holidays=["2024-12-25", "01-01"])
    assert calendar.add(utc("2024-12-24T16:30Z"), HOUR) == utc("2024-12-26T09:30Z")
    assert calendar.is_open(utc("2025-12-25T10:00Z"))
    assert not calendar.is_open(utc("2024-01-01T10:00Z"))
    assert not calendar.is_open(utc("2025-01-01T10:00Z"))


def test_an_override_replaces_the_day_even_a_holiday_and_breaks_cut_last():
    calendar = office(
        holidays=["2024-12-24"],
        overrides={"2024-12-24": [["08:00", "12:00"]], "2024-12-23": []},
        breaks={"2024-12-24": [["07:00", "08:30"], ["10:00", "10:15"], ["11:30", "13:00"]]},
    )
    assert list(calendar.windows(utc("2024-12-23T00:00Z"), utc("2024-12-25T00:00Z"))) == [
        (utc("2024-12-24T08:30Z"), utc("2024-12-24T10:00Z")),
        (utc("2024-12-24T10:15Z"), utc("2024-12-24T11:30Z")),
    ]


def test_a_break_leaves_the_windows_that_it_does_not_touch():
    calendar = office(breaks={"2024-01-08": [["10:00", "10:15"], ["12:15", "12:45"]]})
    assert list(calendar.windows(utc("2024-01-08T00:00Z"), utc("2024-01-09T00:00Z"))) == [
        (utc("2024-01-08T09:00Z"), utc("2024-01-08T10:00Z")),
        (utc("2024-01-08T10:15Z"), utc("2024-01-08T12:00Z")),
        (utc("2024-01-08T13:00Z"), utc("2024-01-08T17:00Z")),
    ]


def test_what_lies_before_is_measured_as_less_than_nothing():
    calendar, morning, evening = office(), utc("2024-01-08T08:00Z"), utc("2024-01-08T18:00Z")
    assert calendar.between(morning, evening) == 7 * HOUR
    assert calendar.between(evening, morning) == -7 * HOUR


def test_windows_may_meet():
    meeting = [["09:00", "12:00"], ["12:00", "17:00"]]
    calendar = WorkCalendar.of("UTC", {"mon": meeting})
    assert calendar.is_open(utc("2024-01-08T12:00Z"))
    assert calendar.add(utc("2024-01-08T11:00Z"), HOUR) == utc("2024-01-08T12:00Z")
    assert calendar.add(utc("2024-01-08T11:00Z"), 2 * HOUR) == utc("2024-01-08T13:00Z")


@pytest.mark.parametrize(
    "exception",
    [
        {"holidays": ["2024-01-08"]},
        {"holidays": ["01-08"]},
        {"overrides": {"2024-01-08": [["13:00", "24:00"]]}},
        {"breaks": {"2024-01-08": [["00:00", "13:00"]]}},
    ],
    ids=str,
)
def test_what_is_open_around_the_clock_closes_for_an_exception(exception):
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    hours = {day: [["00:00", "24:00"]] for day in days}
    assert WorkCalendar.of("UTC", hours).is_open(utc("2024-01-08T12:00Z"))
    calendar = WorkCalendar.of("UTC", hours, **exception)
    assert not calendar.is_open(utc("2024-01-08T12:00Z"))
    assert calendar.is_open(utc("2024-01-07T23:59Z"))


def test_microseconds_are_exact():
    calendar, tick = office(), timedelta(microseconds=1)
    start = utc("2024-01-08T11:59:59.999999Z")
    assert calendar.add(start, 2 * tick) == utc("2024-01-08T13:00:00.000001Z")
    assert calendar.between(start, utc("2024-01-08T13:00:00.000001Z")) == 2 * tick


def test_a_year_without_any_opening_is_walked_over():
    calendar = WorkCalendar.of("UTC", {}, overrides={"2024-02-29": OFFICE, "2031-02-28": OFFICE})
    assert calendar.add(utc("2024-02-29T15:00Z"), 3 * HOUR) == utc("2031-02-28T10:00Z")
    assert calendar.add(utc("2031-02-28T10:00Z"), -3 * HOUR) == utc("2024-02-29T15:00Z")


def test_round_the_clock_is_plain_elapsed_time():
    calendar = WorkCalendar.of(
        "Asia/Tokyo",
        {day: [["00:00", "24:00"]] for day in HOURS}
        | {
            "sat": [["00:00", "24:00"]],
            "sun": [["00:00", "24:00"]],
        },
    )
    start, year = utc("2024-02-28T23:59:59.5Z"), timedelta(days=366)
    assert calendar.add(start, year) == start + year
    assert calendar.add(start, -year) == start - year
    assert calendar.between(start + year, start) == -year
    assert calendar.snap(start) == start
    assert calendar.is_open(start)


def test_equal_calendars_are_equal_and_share_their_windows():
    one, other = office(holidays=["12-25"]), office(holidays=["12-25"])
    assert one == other
    assert hash(one) == hash(other)
    assert timeline_of(one.definition) is timeline_of(other.definition)
    assert one != office()
    assert pickle.loads(pickle.dumps(one)).snap(utc("2024-01-06T11:00Z")) == one.snap(  # noqa: S301  its own pickle
        utc("2024-01-06T11:00Z")
    )
