from datetime import timedelta
from time import perf_counter

from slow_reference import utc

from deskstream_worktime import WorkCalendar

OFFICE = [["08:00", "12:00"], ["13:00", "17:00"]]
DAYS = ("mon", "tue", "wed", "thu", "fri")
MOST_SECONDS = 50e-6


def seconds_per_call(call, calls: int = 1000) -> float:
    call()
    best = float("inf")
    for _ in range(5):
        began = perf_counter()
        for _ in range(calls):
            call()
        best = min(best, (perf_counter() - began) / calls)
    return best


def test_with_office_hours_and_holidays():
    calendar = WorkCalendar.of("Europe/Berlin", dict.fromkeys(DAYS, OFFICE), holidays=["12-25"])
    start, year = utc("2024-03-03T09:01:02.345Z"), timedelta(hours=2000)
    assert calendar.add(start, year).year == 2025
    assert seconds_per_call(lambda: calendar.add(start, year)) < MOST_SECONDS
    assert seconds_per_call(lambda: calendar.add(start, -year)) < MOST_SECONDS


def test_round_the_clock():
    whole_week = {day: [["00:00", "24:00"]] for day in (*DAYS, "sat", "sun")}
    calendar = WorkCalendar.of("Europe/Berlin", whole_week)
    start, year = utc("2024-03-03T09:01:02.345Z"), timedelta(days=365)
    assert seconds_per_call(lambda: calendar.add(start, year)) < MOST_SECONDS


def test_a_time_never_reached_is_refused_without_long_search():
    calendar = WorkCalendar.of("Europe/Berlin", {}, overrides={"2024-03-03": OFFICE})
    began = perf_counter()
    try:
        calendar.add(utc("2024-03-03T00:00Z"), timedelta(hours=9))
    except ValueError:
        assert perf_counter() - began < 2
    else:
        raise AssertionError("it was reached")
