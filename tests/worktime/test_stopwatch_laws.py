from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from random_calendars import JUMPS, SPREAD_DAYS, calendar_of, plain_calendars, work

from deskstream_worktime import Phase, Rebase, Stopwatch

LAWS = settings(max_examples=100, deadline=None, derandomize=True)
ZERO = timedelta()
CHANGES = ("pause", "resume", "stop", "reopen", "retarget")


@st.composite
def stories(draw):
    """A calendar, a target, and moments in time order with what happened at each."""
    timezone, day = draw(st.sampled_from(JUMPS))
    middle = datetime.fromisoformat(day).replace(tzinfo=UTC)
    calendar = calendar_of(draw(plain_calendars(timezone, middle)))
    minutes = st.integers(-SPREAD_DAYS * 1440, SPREAD_DAYS * 1440)
    moments = sorted(draw(st.lists(minutes, min_size=3, max_size=9)))
    changes = [(draw(st.sampled_from(CHANGES)), draw(work)) for _ in moments]
    at = [middle + timedelta(minutes=minute) for minute in moments]
    return calendar, draw(work), at, changes


def told(story) -> Stopwatch:
    calendar, target, moments, changes = story
    watch = Stopwatch.start(calendar, target, moments[0])
    for at, (change, new_target) in zip(moments[1:-1], changes, strict=False):
        if change == "retarget":
            if watch.phase is not Phase.STOPPED:
                watch = watch.retarget(at, new_target, calendar)
        elif watch.phase is not Phase.STOPPED or change in {"stop", "reopen"}:
            watch = getattr(watch, change)(at)
    return watch


@LAWS
@given(stories())
def test_every_moment_is_in_one_segment_and_every_working_second_is_counted_once(story):
    calendar, _, moments, _ = story
    watch, end = told(story), moments[-1]
    segments = watch.segments_until(end)
    assert all(earlier.end == later.start for earlier, later in pairwise(segments))
    assert sum((part.working for part in segments), ZERO) == calendar.between(moments[0], end)
    assert watch.elapsed(end) == _working(segments, Phase.RUNNING)
    assert watch.paused_working(end) == _working(segments, Phase.PAUSED)


def _working(segments, phase):
    return sum((part.working for part in segments if part.phase is phase), ZERO)


@LAWS
@given(stories())
def test_resuming_leaves_exactly_what_was_not_used(story):
    calendar, _, moments, _ = story
    watch, at = told(story), moments[-1]
    if watch.phase is Phase.PAUSED and watch.due is None:
        assert watch.resume(at).due == calendar.add(at, watch.target - watch.elapsed(at))


@LAWS
@given(stories())
def test_asking_or_splitting_changes_nothing(story):
    *_, moments, _ = story
    watch, at = told(story), moments[-1]
    later = at + timedelta(days=2)
    if watch.phase is Phase.STOPPED:
        return
    if watch.phase is Phase.PAUSED:
        whole, split = watch.resume(later), watch.resume(at).pause(at).resume(later)
    else:
        whole, split = watch, watch.pause(at).resume(at)
    if watch.due != at:  # a pause exactly at the due time is in time, and so moves it
        assert split.due == whole.due
    assert split.elapsed(later) == whole.elapsed(later)
    assert split.paused_working(later) == whole.paused_working(later)


@LAWS
@given(stories(), st.integers(0, 4 * 1440))
def test_splitting_a_pause_changes_nothing(story, minutes):
    *_, moments, _ = story
    watch, at = told(story), moments[-1]
    if watch.phase is Phase.STOPPED:
        return
    paused, cut = watch.pause(at), at + timedelta(minutes=minutes)
    later = cut + timedelta(days=1)
    whole, split = paused.resume(later), paused.resume(cut).pause(cut).resume(later)
    assert split.due == whole.due
    assert split.elapsed(later) == whole.elapsed(later)


@LAWS
@given(stories())
def test_the_due_time_is_when_the_target_is_used_up(story):
    *_, moments, _ = story
    watch, at = told(story), moments[-1]
    if watch.phase is Phase.RUNNING and watch.due is not None and watch.due >= at:
        assert watch.elapsed(watch.due) == watch.target or watch.due == watch.exhausted_at


@LAWS
@given(stories(), work)
def test_carry_and_retroactive_agree_under_one_calendar(story, target):
    calendar, _, moments, _ = story
    watch, at = told(story), moments[-1]
    if watch.phase is not Phase.STOPPED:
        carried = watch.retarget(at, target, calendar, Rebase.CARRY)
        retold = watch.retarget(at, target, calendar, Rebase.RETROACTIVE)
        assert carried.elapsed(at) == retold.elapsed(at)
        if target != watch.target:
            assert carried.due == retold.due
