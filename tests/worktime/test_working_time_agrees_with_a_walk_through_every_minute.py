from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from random_calendars import calendar_of, situations, work
from slow_reference import SlowCalendar

REACH = timedelta(days=5)
WALKED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@WALKED
@given(situations(), work)
def test_add_and_subtract(situation, working):
    plain, start, _ = situation
    calendar, slow = calendar_of(plain), SlowCalendar(plain, start - REACH, start + REACH)
    due, since = slow.add(start, working), slow.subtract(start, working)
    assert calendar.add(start, working) == due or (
        due is None and calendar.add(start, working) >= start + REACH
    )
    assert calendar.add(start, -working) == since or (
        since is None and calendar.add(start, -working) <= slow.first
    )


@WALKED
@given(situations())
def test_between_and_openness(situation):
    plain, start, end = situation
    calendar = calendar_of(plain)
    slow = SlowCalendar(plain, start, end + timedelta(minutes=1))
    assert calendar.between(start, end) == slow.between(start, end)
    assert calendar.is_open(start) == slow.is_open(start)
    assert calendar.is_open(end) == slow.is_open(end)


@WALKED
@given(situations())
def test_snapping(situation):
    plain, start, _ = situation
    calendar, slow = calendar_of(plain), SlowCalendar(plain, start - REACH, start + REACH)
    tick = timedelta(microseconds=1)
    opening, last = calendar.snap(start), calendar.snap(start, backward=True)
    reached = slow.add(start, tick)
    assert opening + tick == reached or (reached is None and opening >= start + REACH)
    if slow.is_open(start):
        assert last == start
    else:
        used = slow.subtract(start, tick)
        assert last - tick == used or (used is None and last <= slow.first)
