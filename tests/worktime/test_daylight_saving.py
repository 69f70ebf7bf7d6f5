from datetime import datetime, timedelta

import pytest
from slow_reference import utc

from deskstream_worktime import WorkCalendar

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def daily(timezone: str, *windows: list[str], holidays: tuple[str, ...] = ()) -> WorkCalendar:
    return WorkCalendar.of(timezone, {day: list(windows) for day in DAYS}, holidays=holidays)


@pytest.mark.parametrize(
    ("timezone", "midnight", "hours"),
    [
        ("Europe/Berlin", "2024-03-31T00:00+01:00", 23),
        ("Europe/Berlin", "2024-10-27T00:00+02:00", 25),
        ("America/New_York", "2024-03-10T00:00-05:00", 23),
        ("America/New_York", "2024-11-03T00:00-04:00", 25),
        ("America/Sao_Paulo", "2018-11-04T00:00-03:00", 23),
        ("America/Sao_Paulo", "2018-02-17T00:00-02:00", 25),
        ("Asia/Tehran", "2020-03-21T00:00+03:30", 23),
        ("Asia/Tehran", "2020-09-20T00:00+04:30", 25),
        ("Australia/Lord_Howe", "2024-10-06T00:00+10:30", 23.5),
        ("Australia/Lord_Howe", "2024-04-07T00:00+11:00", 24.5),
        ("Australia/Sydney", "2024-10-06T00:00+10:00", 23),
        ("Australia/Sydney", "2024-04-07T00:00+11:00", 25),
        ("Asia/Kolkata", "2024-04-07T00:00+05:30", 24),
    ],
)
def test_a_whole_day_lasts_as_long_as_it_does(timezone, midnight, hours):
    calendar = daily(timezone, ["00:00", "24:00"], holidays=("2000-01-01",))
    start = datetime.fromisoformat(midnight)
    next_day = (start + timedelta(days=1)).date()
    day_after = list(calendar.windows(start, start + timedelta(days=3)))[1][0]
    assert day_after.astimezone(calendar._timeline.zone).date() == next_day
    assert calendar.between(start, day_after) == timedelta(hours=hours)
    assert calendar.add(start, timedelta(hours=hours)) == day_after


def test_a_time_in_the_spring_gap_means_the_transition():
    transition = utc("2024-03-31T01:00Z")
    opening_in_the_gap = daily("Europe/Berlin", ["02:30", "04:00"])
    assert opening_in_the_gap.snap(utc("2024-03-31T00:00Z")) == transition
    assert opening_in_the_gap.add(transition, timedelta(hours=1)) == utc("2024-03-31T02:00Z")
    closing_in_the_gap = daily("Europe/Berlin", ["01:00", "02:30"])
    assert closing_in_the_gap.add(utc("2024-03-31T00:00Z"), timedelta(hours=1)) == transition


def test_a_window_inside_the_gap_is_empty_that_day():
    calendar = daily("Europe/Berlin", ["02:10", "02:50"])
    windows = list(calendar.windows(utc("2024-03-30T12:00Z"), utc("2024-04-01T12:00Z")))
    assert windows == [(utc("2024-04-01T00:10Z"), utc("2024-04-01T00:50Z"))]


def test_a_time_in_the_autumn_fold_means_the_first_pass():
    start = utc("2024-10-26T22:00Z")
    assert daily("Europe/Berlin", ["02:30", "04:00"]).snap(start) == utc("2024-10-27T00:30Z")
    closing_in_the_fold = daily("Europe/Berlin", ["01:00", "02:30"])
    assert closing_in_the_fold.add(start, timedelta(hours=1.5)) == utc("2024-10-27T00:30Z")
    assert not closing_in_the_fold.is_open(utc("2024-10-27T01:15Z"))  # 02:15, second pass


def test_half_an_hour_repeated_at_lord_howe():
    calendar = daily("Australia/Lord_Howe", ["01:30", "02:00"])
    windows = list(calendar.windows(utc("2024-04-06T12:00Z"), utc("2024-04-07T12:00Z")))
    assert windows == [(utc("2024-04-06T14:30Z"), utc("2024-04-06T15:30Z"))]


def test_the_day_that_samoa_left_out_has_no_working_time():
    calendar = daily("Pacific/Apia", ["09:00", "17:00"])
    thursday, saturday = utc("2011-12-29T09:00-10:00"), utc("2011-12-31T09:00+14:00")
    assert calendar.add(thursday, timedelta(hours=8)) == utc("2011-12-29T17:00-10:00")
    assert calendar.add(thursday, timedelta(hours=9)) == saturday + timedelta(hours=1)
    assert saturday - utc("2011-12-29T17:00-10:00") == timedelta(hours=16)


def test_midnight_that_does_not_exist_opens_and_closes_at_the_jump():
    calendar = daily("America/Sao_Paulo", ["00:00", "02:00"], ["22:00", "24:00"])
    windows = list(calendar.windows(utc("2018-11-03T12:00Z"), utc("2018-11-04T12:00Z")))
    jump = utc("2018-11-04T03:00Z")
    assert windows == [(utc("2018-11-04T01:00Z"), jump), (jump, utc("2018-11-04T04:00Z"))]


def test_a_clock_turned_back_over_new_year_keeps_the_years_apart():
    calendar = daily("America/Phoenix", ["23:00", "24:00"])
    new_year = utc("1944-01-01T00:00-06:00")
    shown_again = new_year + timedelta(minutes=30)
    assert shown_again.astimezone(calendar._timeline.zone).date().year == 1943
    assert calendar.add(utc("1943-12-31T23:30-06:00"), timedelta(hours=0.5)) == new_year
    assert not calendar.is_open(shown_again)
    assert daily("America/Phoenix", ["00:00", "02:00"]).is_open(shown_again)
    next_close = utc("1944-01-02T00:00-07:00")
    assert calendar.add(shown_again, timedelta(hours=1)) == next_close
    assert calendar.add(next_close, timedelta(hours=-2)) == utc("1943-12-31T23:00-06:00")
