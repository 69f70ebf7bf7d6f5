from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from random_calendars import calendar_of, situations, work

LAWS = settings(max_examples=100, deadline=None, derandomize=True)
signed_work = work | work.map(lambda span: -span)


@LAWS
@given(situations(), signed_work)
def test_between_undoes_add(situation, working):
    plain, start, _ = situation
    calendar = calendar_of(plain)
    assert calendar.between(start, calendar.add(start, working)) == working


@LAWS
@given(situations(), st.fractions(0, 1))
def test_between_adds_up_across_a_cut(situation, share):
    plain, start, end = situation
    calendar = calendar_of(plain)
    cut = start + (end - start) * float(share)
    parts = calendar.between(start, cut) + calendar.between(cut, end)
    assert parts == calendar.between(start, end)
    assert calendar.between(end, start) == -calendar.between(start, end)


@LAWS
@given(situations(), work, work)
def test_add_adds_up_and_moves_on(situation, first, second):
    plain, start, later = situation
    calendar = calendar_of(plain)
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)
    assert calendar.add(start, first) < calendar.add(start, first + second)
    assert calendar.add(start, first) <= calendar.add(later, first)


@LAWS
@given(situations())
def test_windows_hold_the_working_time(situation):
    plain, start, end = situation
    calendar = calendar_of(plain)
    windows = list(calendar.windows(start, end))
    total = sum((close - opening for opening, close in windows), timedelta())
    assert total == calendar.between(start, end)
    assert windows == sorted(windows)
    assert all(start <= opening < close <= end for opening, close in windows)
