"""Random calendars and instants around days on which local clocks jump."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from deskstream_worktime import WorkCalendar

JUMPS = (
    ("Europe/Berlin", "2024-03-31"),
    ("Europe/Berlin", "2024-10-27"),
    ("America/New_York", "2024-03-10"),
    ("America/New_York", "2024-11-03"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("Asia/Tehran", "2020-03-21"),
    ("Asia/Tehran", "2020-09-21"),
    ("America/St_Johns", "2010-03-14"),
    ("America/St_Johns", "2010-11-07"),
    ("Australia/Lord_Howe", "2024-04-07"),
    ("Australia/Lord_Howe", "2024-10-06"),
    ("Pacific/Apia", "2011-12-30"),
    ("Africa/Casablanca", "2024-03-10"),
    ("Africa/Casablanca", "2024-04-14"),
    ("America/Phoenix", "1944-01-01"),
    ("Asia/Kolkata", "2023-12-31"),
)
"""Among them half an hour, midnight, a day left out, and a new year that began twice."""

SPREAD_DAYS = 4
MOST_WORK = timedelta(hours=30)


def wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


day_plans = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(
    lambda edges: [
        [wall(start), wall(end)]
        for start, end in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)
    ]
)
open_plans = day_plans.filter(bool)


@st.composite
def plain_calendars(draw, timezone: str, middle: datetime) -> dict:
    near = st.integers(-SPREAD_DAYS, SPREAD_DAYS).map(
        lambda days: (middle + timedelta(days=days)).date().isoformat()
    )
    regular = draw(open_plans)
    hours = {day: draw(st.just(regular) | day_plans) for day in ("mon", "wed", "sat", "sun")}
    return {
        "timezone": timezone,
        "hours": {**hours, "tue": regular, "thu": regular, "fri": regular},
        "holidays": draw(st.lists(near | near.map(lambda day: day[5:]), max_size=2)),
        "overrides": draw(st.dictionaries(near, day_plans, max_size=2)),
        "breaks": draw(st.dictionaries(near, day_plans, max_size=2)),
    }


@st.composite
def situations(draw) -> tuple[dict, datetime, datetime]:
    """A calendar around a jump, and two instants near it, the earlier first."""
    timezone, day = draw(st.sampled_from(JUMPS))
    middle = datetime.fromisoformat(day).replace(tzinfo=UTC)
    plain = draw(plain_calendars(timezone, middle))
    spread = SPREAD_DAYS * 24 * 60 * 60 * 1_000_000
    micros = st.integers(-spread, spread) | st.integers(-SPREAD_DAYS * 96, SPREAD_DAYS * 96).map(
        lambda quarters: quarters * 900 * 1_000_000
    )
    moments = sorted(middle + timedelta(microseconds=draw(micros)) for _ in range(2))
    return plain, moments[0], moments[1]


work = st.integers(1, int(MOST_WORK.total_seconds()) * 1_000_000).map(
    lambda micros: timedelta(microseconds=micros)
) | st.integers(1, 120).map(lambda quarters: quarters * timedelta(minutes=15))


def calendar_of(plain: dict) -> WorkCalendar:
    return WorkCalendar.of(
        plain["timezone"],
        plain["hours"],
        holidays=plain["holidays"],
        overrides=plain["overrides"],
        breaks=plain["breaks"],
    )
