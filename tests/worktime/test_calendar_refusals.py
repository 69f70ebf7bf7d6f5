from datetime import UTC, datetime, timedelta

import pytest
from slow_reference import utc

from deskstream_worktime import WorkCalendar, WorktimeError

OFFICE = {"mon": [["09:00", "17:00"]]}
EVERY_DAY_OF_A_LEAP_YEAR = [
    (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%m-%d") for day in range(366)
]


def code_of(timezone="UTC", hours=None, **exceptions) -> str:
    with pytest.raises(WorktimeError) as refused:
        WorkCalendar.of(timezone, OFFICE if hours is None else hours, **exceptions)
    assert refused.value.detail.endswith(".")
    return refused.value.code


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../etc/passwd", "/etc", "Europe", "a\0b"])
def test_an_unknown_time_zone(name):
    assert code_of(timezone=name) == "unknown_time_zone"


@pytest.mark.parametrize(
    "exceptions",
    [
        {"hours": {}},
        {"hours": {"mon": [], "sun": []}},
        {"holidays": EVERY_DAY_OF_A_LEAP_YEAR},
        {"hours": {}, "overrides": {"2024-01-01": []}},
        {
            "hours": {},
            "overrides": {"2024-01-01": [["09:00", "10:00"]]},
            "breaks": {"2024-01-01": [["08:00", "11:00"]]},
        },
    ],
)
def test_a_calendar_that_never_opens(exceptions):
    assert code_of(**exceptions) == "calendar_never_opens"


@pytest.mark.parametrize(
    "windows",
    [
        [["17:00", "09:00"]],
        [["09:00", "09:00"]],
        [["09:00", "12:00"], ["11:59", "17:00"]],
        [["09:00"]],
        [["09:00", "12:00", "13:00"]],
        [["9:00", "12:00"]],
        [["09:00", "24:01"]],
        [["09:00", "12:60"]],
        [["", "12:00"]],
        [["٠٩:00", "12:00"]],
    ],
)
def test_a_malformed_window(windows):
    assert code_of(hours={"mon": windows}) == "invalid_window"
    assert code_of(overrides={"2024-01-01": windows}) == "invalid_window"


@pytest.mark.parametrize(
    "day", ["2024-02-30", "02-30", "20241225", "12-25 ", "xmas", "", "2024-W01-1"]
)
def test_a_malformed_date(day):
    assert code_of(holidays=[day]) == "invalid_window"
    assert code_of(breaks={day: [["09:00", "10:00"]]}) == "invalid_window"


def test_an_exception_needs_its_year_and_a_weekday_its_name():
    assert code_of(overrides={"12-25": []}) == "invalid_window"
    assert code_of(hours={"monday": [["09:00", "10:00"]]}) == "invalid_window"


def refusal(call) -> str:
    with pytest.raises(WorktimeError) as refused:
        call()
    return refused.value.code


def test_a_due_time_that_cannot_be_reached():
    calendar = WorkCalendar.of("UTC", {}, overrides={"2024-01-01": [["09:00", "10:00"]]})
    start, work = utc("2024-01-01T09:30Z"), timedelta(minutes=31)
    assert refusal(lambda: calendar.add(start, work)) == "due_unreachable"
    assert refusal(lambda: calendar.add(start, -work)) == "due_unreachable"
    assert refusal(lambda: calendar.snap(utc("2024-01-02T00:00Z"))) == "due_unreachable"
    before = utc("2023-12-31T00:00Z")
    assert refusal(lambda: calendar.snap(before, backward=True)) == "due_unreachable"


def test_a_due_time_beyond_the_horizon_and_beyond_all_years():
    weekly = WorkCalendar.of("UTC", OFFICE)
    late = utc("9998-12-01T00:00Z")
    assert refusal(lambda: weekly.add(utc("2024-01-01T00:00Z"), timedelta(days=9000))) == (
        "due_unreachable"
    )
    assert refusal(lambda: weekly.add(late, timedelta(days=30))) == "due_unreachable"
    always = WorkCalendar.of(
        "UTC",
        {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    )
    assert refusal(lambda: always.add(late, timedelta(days=999_999_999))) == "out_of_range"


def test_instants_that_are_none_or_out_of_range():
    calendar, hour = WorkCalendar.of("UTC", OFFICE), timedelta(hours=1)
    naive = datetime(2024, 1, 1)  # noqa: DTZ001 - what is refused
    assert refusal(lambda: calendar.add(naive, hour)) == "naive_datetime"
    assert refusal(lambda: calendar.between(utc("2024-01-01T00:00Z"), naive)) == "naive_datetime"
    first = datetime.min.replace(tzinfo=UTC)
    last = datetime.max.replace(tzinfo=UTC)
    assert refusal(lambda: calendar.add(first, hour)) == "out_of_range"
    assert refusal(lambda: calendar.is_open(last)) == "out_of_range"
    ages = utc("1024-01-01T00:00Z"), utc("2024-01-01T00:00Z")
    assert refusal(lambda: calendar.between(*ages)) == "out_of_range"
    assert refusal(lambda: list(calendar.windows(*ages))) == "out_of_range"
