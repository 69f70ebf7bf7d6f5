"""Warnings: at exact fractions, or so long before the due time; each once, none after the stop."""

from a_ticket import OFFICE, RESOLVED, Life, agreement, book, calendar, held, logged, minute

from sla_monitor.events import ClockWarned


def warned(life):
    return [(fact.time, fact.before) for fact in life.facts if isinstance(fact, ClockWarned)]


def under(**definition):
    return Life(book(calendar(), agreement(response=None, **definition))).tell(0, logged())


def test_an_offset_warns_so_much_working_time_before_the_due_time():
    life = under(warn_at=[], warn_before=[3600]).pass_until(1000)
    assert warned(life) == [(minute(180), 3600)]


def test_fractions_and_offsets_come_in_the_order_of_their_times():
    life = under(warn_at=["0.5", "0.9"], warn_before=[3600]).pass_until(230)
    assert warned(life) == [(minute(120), None), (minute(180), 3600), (minute(216), None)]


def test_an_offset_counts_working_time():
    office = book(
        calendar("office", OFFICE),
        agreement(
            response=None, resolution=9 * 60, calendar="office", warn_at=[], warn_before=[2 * 3600]
        ),
    )
    life = Life(office).tell(0, logged()).pass_until(2000)
    assert warned(life) == [(minute(7 * 60), 2 * 3600)]


def test_an_offset_longer_than_the_target_is_no_warning():
    assert warned(under(warn_at=[], warn_before=[5 * 3600]).pass_until(1000)) == []


def test_a_pause_puts_a_warning_off():
    life = under(warn_at=["0.5"]).tell(60, held())
    assert warned(life.pass_until(500)) == []


def test_no_warning_comes_after_the_stop():
    life = under(warn_at=["0.5"], warn_before=[3600]).tell(150, RESOLVED).pass_until(1000)
    assert warned(life) == [(minute(120), None)]
