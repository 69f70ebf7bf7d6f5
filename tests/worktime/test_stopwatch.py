from datetime import timedelta
from fractions import Fraction

import pytest
from slow_reference import utc

from deskstream_worktime import Phase, Rebase, Stopwatch, WorkCalendar, WorktimeError

HOUR = timedelta(hours=1)
ZERO = timedelta()
WEEK = ("mon", "tue", "wed", "thu", "fri")
OFFICE = WorkCalendar.of("UTC", {day: [["09:00", "17:00"]] for day in WEEK})
LONG_DAYS = WorkCalendar.of("UTC", {day: [["07:00", "19:00"]] for day in WEEK})


def monday(clock: str):
    return utc(f"2024-01-08T{clock}Z")


def tuesday(clock: str):
    return utc(f"2024-01-09T{clock}Z")


def started(hours: float = 4) -> Stopwatch:
    return Stopwatch.start(OFFICE, hours * HOUR, monday("09:00"))


def test_a_running_target_is_due_when_its_time_is_used_up():
    watch = started(10)
    assert watch.due == tuesday("11:00")
    assert watch.elapsed(monday("20:00")) == 8 * HOUR
    assert watch.remaining(monday("20:00")) == 2 * HOUR


def test_a_pause_counts_only_working_time_and_resuming_is_exact():
    paused = started().pause(monday("10:00"))
    assert paused.due is None
    assert paused.paused_working(tuesday("10:00")) == 8 * HOUR
    resumed = paused.resume(tuesday("10:00"))
    assert resumed.due == OFFICE.add(tuesday("10:00"), 3 * HOUR) == tuesday("13:00")
    assert resumed.elapsed(tuesday("11:00")) == 2 * HOUR
    assert resumed.paused_working(tuesday("11:00")) == 8 * HOUR


def test_a_pause_after_the_breach_moves_nothing():
    watch = started().pause(monday("14:00"))
    assert watch.due == monday("13:00")
    assert watch.breached(monday("14:00"))
    resumed = watch.resume(monday("15:00"))
    assert resumed.due == monday("13:00")
    assert resumed.late_by(monday("16:00")) == 3 * HOUR
    assert resumed.elapsed(monday("16:00")) == 6 * HOUR


def test_a_due_time_at_a_close_has_passed_when_a_pause_begins_after_hours():
    watch = started(8).pause(monday("18:00"))
    assert watch.due == monday("17:00")
    assert watch.breached(monday("18:00"))
    assert watch.late_by(monday("18:00")) == ZERO


def test_what_happens_exactly_at_the_due_time_is_in_time():
    assert not started().stop(monday("13:00")).breached(tuesday("13:00"))
    assert started().stop(monday("13:00.000001")).breached(tuesday("13:00"))
    paused = started().pause(monday("13:00"))
    assert paused.due is None
    assert not paused.breached(monday("16:00"))
    assert paused.resume(monday("16:00")).due == monday("16:00")


def test_a_stop_keeps_the_due_time_as_it_was():
    stopped = started().stop(monday("10:00"))
    assert stopped.due == monday("13:00")
    assert stopped.elapsed(tuesday("10:00")) == HOUR
    assert not stopped.breached(tuesday("16:00"))
    assert stopped.stop(monday("12:00")) is stopped


def test_a_stop_at_a_close_that_is_due_keeps_the_close():
    assert started(8).stop(monday("17:00")).due == monday("17:00")


def test_a_stop_ends_the_pause_it_happens_in():
    stopped = started().pause(monday("10:00")).stop(monday("12:00"))
    assert stopped.due == monday("15:00")
    assert stopped.paused_working(tuesday("12:00")) == 2 * HOUR


def test_time_between_a_stop_and_its_reopening_does_not_count():
    reopened = started().stop(monday("10:00")).reopen(monday("12:00"))
    assert reopened.due == monday("15:00")
    assert reopened.elapsed(monday("13:00")) == 2 * HOUR
    assert reopened.paused_working(monday("13:00")) == ZERO


def test_a_late_stop_that_is_reopened_stays_late_without_the_time_between():
    reopened = started().stop(monday("14:00")).reopen(tuesday("10:00"))
    assert reopened.due == monday("13:00")
    assert reopened.late_by(tuesday("11:00")) == 2 * HOUR


def test_a_clock_met_and_reopened_may_yet_breach():
    reopened = started().stop(monday("13:00")).reopen(monday("15:00"))
    assert reopened.due == monday("15:00")
    assert reopened.breached(monday("15:30"))


def test_carry_keeps_the_time_used():
    watch = started().retarget(monday("11:00"), 6 * HOUR, OFFICE)
    assert watch.due == monday("15:00")
    assert watch.elapsed(monday("12:00")) == 3 * HOUR


def test_carry_measures_each_stretch_by_the_calendar_of_its_day():
    watch = started(10).retarget(monday("18:00"), 10 * HOUR, LONG_DAYS)
    assert watch.elapsed(monday("18:00")) == 8 * HOUR
    assert watch.due == tuesday("08:00")


def test_restart_starts_afresh():
    watch = started().pause(monday("09:30")).resume(monday("10:30"))
    watch = watch.retarget(monday("11:00"), 4 * HOUR, OFFICE, Rebase.RESTART)
    assert watch.due == monday("15:00")
    assert watch.elapsed(monday("12:00")) == HOUR
    assert watch.paused_working(monday("12:00")) == HOUR


def test_retroactive_measures_everything_by_the_new_calendar():
    watch = Stopwatch.start(OFFICE, 4 * HOUR, monday("07:00"))
    watch = watch.retarget(monday("10:00"), 4 * HOUR, LONG_DAYS, Rebase.RETROACTIVE)
    assert watch.elapsed(monday("10:00")) == 3 * HOUR
    assert watch.due == monday("11:00")


@pytest.mark.parametrize("mode", Rebase)
def test_banked_pauses_count_in_every_mode(mode):
    watch = started().pause(monday("10:00")).resume(monday("12:00"))
    watch = watch.retarget(monday("12:00"), 3 * HOUR, OFFICE, mode)
    used = ZERO if mode is Rebase.RESTART else HOUR
    assert watch.paused_working(monday("12:00")) == 2 * HOUR
    assert watch.elapsed(monday("12:00")) == used
    assert watch.due == OFFICE.add(monday("12:00"), 3 * HOUR - used)


@pytest.mark.parametrize("mode", [Rebase.CARRY, Rebase.RETROACTIVE])
@pytest.mark.parametrize("hours", [1, 3])
def test_a_target_that_leaves_no_time_is_due_at_that_instant(mode, hours):
    watch = started(8).retarget(monday("12:00"), hours * HOUR, OFFICE, mode)
    assert watch.due == monday("12:00")
    assert not watch.breached(monday("12:00"))
    assert watch.late_by(monday("13:00")) == HOUR


def test_a_target_that_leaves_no_time_is_due_even_while_paused():
    watch = started(8).pause(monday("12:00")).retarget(monday("13:00"), HOUR, OFFICE)
    assert watch.due == monday("13:00")
    assert watch.resume(monday("15:00")).due == monday("13:00")


def test_a_target_used_up_exactly_is_due_at_the_change_even_after_hours_or_paused():
    assert started(9).retarget(monday("18:00"), 8 * HOUR, OFFICE).due == monday("18:00")
    paused = started(8).pause(monday("12:00"))
    assert paused.retarget(monday("13:00"), 3 * HOUR, OFFICE).due == monday("13:00")


def test_what_was_due_stays_due_when_the_next_target_leaves_no_time_either():
    watch = started().retarget(monday("15:00"), 2 * HOUR, OFFICE)
    assert watch.due == monday("13:00")
    assert watch.late_by(monday("16:00")) == 3 * HOUR


def test_a_looser_target_gives_time_again():
    watch = started().retarget(monday("15:00"), 8 * HOUR, OFFICE)
    assert watch.due == monday("17:00")
    assert not watch.breached(monday("16:00"))


def test_the_same_target_again_changes_nothing():
    watch = started()
    assert watch.retarget(monday("15:00"), 4 * HOUR, OFFICE) is watch


def test_without_a_target_time_counts_and_nothing_is_due():
    watch = started().retarget(monday("10:00"), None, OFFICE)
    assert watch.due is watch.instant_at(-HOUR) is watch.remaining(monday("11:00")) is None
    assert watch.instant_at_fraction(Fraction(1, 2)) is None
    assert not watch.breached(tuesday("16:00"))
    assert watch.retarget(monday("11:00"), 4 * HOUR, OFFICE).due == monday("13:00")
    assert watch.retarget(monday("14:00"), 4 * HOUR, OFFICE).due == monday("14:00")


def test_warnings_fire_at_their_exact_instant():
    watch = started(3)
    assert watch.instant_at_fraction(Fraction(1, 2)) == monday("10:30")
    assert watch.instant_at_fraction(Fraction(1)) == watch.due
    assert watch.instant_at_fraction(Fraction(1, 7)) == monday("09:25:42.857143")
    assert watch.instant_at(-HOUR) == monday("11:00")
    assert watch.instant_at(HOUR) == monday("13:00")
    assert watch.instant_at(-5 * HOUR) == monday("09:00")


def test_a_warning_before_a_pause_stands_and_one_in_it_waits():
    paused = started().pause(monday("11:00"))
    assert paused.instant_at_fraction(Fraction(1, 4)) == monday("10:00")
    assert paused.instant_at_fraction(Fraction(1, 2)) is None
    resumed = paused.resume(monday("12:00"))
    assert resumed.instant_at_fraction(Fraction(1, 4)) == monday("10:00")
    assert resumed.instant_at_fraction(Fraction(1, 2)) == monday("12:00")


def test_no_warning_after_the_stop():
    stopped = started().stop(monday("11:30"))
    assert stopped.instant_at_fraction(Fraction(1, 2)) == monday("11:00")
    assert stopped.instant_at_fraction(Fraction(3, 4)) is None


def test_a_warning_that_a_new_target_makes_past_fires_at_the_change():
    watch = started(8).retarget(monday("12:00"), 4 * HOUR, OFFICE)
    assert watch.instant_at_fraction(Fraction(1, 2)) == monday("12:00")
    assert watch.instant_at_fraction(Fraction(7, 8)) == monday("12:30")
    after_hours = started(9).retarget(monday("18:00"), 16 * HOUR, OFFICE)
    assert after_hours.instant_at_fraction(Fraction(1, 2)) == monday("18:00")


def test_segments_tell_the_whole_story_without_gaps():
    watch = started().pause(monday("10:00")).resume(monday("10:00")).pause(monday("10:00"))
    watch = watch.resume(monday("16:00")).stop(monday("18:00")).reopen(tuesday("09:00"))
    told = [
        (part.phase, part.start, part.end, part.working)
        for part in watch.segments_until(tuesday("09:30"))
    ]
    assert told == [
        (Phase.RUNNING, monday("09:00"), monday("10:00"), HOUR),
        (Phase.PAUSED, monday("10:00"), monday("16:00"), 6 * HOUR),
        (Phase.RUNNING, monday("16:00"), monday("18:00"), HOUR),
        (Phase.STOPPED, monday("18:00"), tuesday("09:00"), ZERO),
        (Phase.RUNNING, tuesday("09:00"), tuesday("09:30"), HOUR / 2),
    ]


def test_changes_that_alter_nothing_give_the_same_value():
    watch = started()
    paused = watch.pause(monday("10:00"))
    assert watch.resume(monday("10:00")) is watch
    assert watch.reopen(monday("10:00")) is watch
    assert paused.pause(monday("11:00")) is paused


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda watch: watch.pause(monday("08:00")), "out_of_order"),
        (lambda watch: watch.elapsed(monday("08:59")), "out_of_order"),
        (lambda watch: watch.breached(monday("08:59")), "out_of_order"),
        (lambda watch: watch.late_by(monday("08:59")), "out_of_order"),
        (lambda watch: watch.stop(monday("10:00")).pause(monday("11:00")), "stopwatch_stopped"),
        (lambda watch: watch.stop(monday("10:00")).resume(monday("11:00")), "stopwatch_stopped"),
        (
            lambda watch: watch.stop(monday("10:00")).retarget(monday("11:00"), HOUR, OFFICE),
            "stopwatch_stopped",
        ),
        (lambda watch: watch.retarget(monday("11:00"), -HOUR, OFFICE), "out_of_range"),
        (lambda _: Stopwatch.start(OFFICE, -HOUR, monday("09:00")), "out_of_range"),
        (lambda _: Stopwatch.start(OFFICE, 900_000 * HOUR, monday("09:00")), "due_unreachable"),
    ],
)
def test_refusals(call, code):
    with pytest.raises(WorktimeError) as refused:
        call(started())
    assert refused.value.code == code
