from deskstream_worktime.simulate import simulate

WEEK = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {"timezone": "UTC", "hours": {day: [["09:00", "17:00"]] for day in WEEK}, "holidays": []}
LONG_DAYS = {"timezone": "UTC", "hours": {day: [["07:00", "19:00"]] for day in WEEK}}
TARGETS = {"first_response": {"seconds": 3600}, "resolution": {"seconds": 4 * 3600}}
EVERYTHING = [
    "due",
    "elapsed_seconds",
    "paused_working_seconds",
    "paused",
    "breached",
    "late_seconds",
]


def monday(clock: str) -> str:
    return f"2024-01-08T{clock}:00Z"


def event(clock: str, kind: str, **more) -> dict:
    return {"at": monday(clock), "type": kind, **more}


def ask(*events: dict, as_of: str, target="resolution", targets=None, **question) -> dict:
    question = {"target": target, "as_of": monday(as_of), "want": EVERYTHING, **question}
    events = [event("09:00", "created"), *events]
    given = {"targets": targets or TARGETS, "events": events, "ask": [question]}
    case = {"id": "one", "kind": "escalation", "calendar": OFFICE, "input": given}
    (check,) = simulate([case])[0]["actual"]["checks"]
    return {key: value for key, value in check.items() if key in {*EVERYTHING, "level"}}


def state(due, elapsed, *, paused_for=0, paused=False, breached=False, late=0) -> dict:
    values = (due and monday(due), elapsed, paused_for, paused, breached, late)
    return dict(zip(EVERYTHING, values, strict=True))


def test_running():
    assert ask(as_of="10:00") == state("13:00", 3600)


def test_each_target_stops_on_its_own_event():
    happened = event("09:30", "responded"), event("11:00", "resolved"), event("12:00", "closed")
    assert ask(*happened, as_of="15:00", target="first_response") == state("10:00", 1800)
    assert ask(*happened, as_of="15:00") == state("13:00", 7200)
    assert ask(event("11:00", "closed"), as_of="15:00") == state("13:00", 7200)


def test_nothing_else_stops_a_target():
    happened = event("10:00", "agent_contact"), event("11:00", "customer_contact")
    assert ask(*happened, as_of="12:00") == state("13:00", 3 * 3600)


def test_late_counts_to_the_stop():
    late = state("13:00", 5 * 3600, breached=True, late=3600)
    assert ask(event("14:00", "resolved"), as_of="16:00") == late
    assert ask(as_of="14:00") == late


def test_a_stop_exactly_when_due_is_met():
    assert ask(event("13:00", "resolved"), as_of="16:00") == state("13:00", 4 * 3600)


def test_what_is_not_known_yet_does_not_count():
    assert ask(event("14:00", "resolved"), as_of="10:00") == state("13:00", 3600)


def test_paused():
    pause = event("10:00", "state", to="waiting", pause=True)
    assert ask(pause, as_of="12:00") == state(None, 3600, paused_for=7200, paused=True)
    resume = event("12:00", "agent_contact", pause=False)
    assert ask(pause, resume, as_of="13:00") == state("15:00", 7200, paused_for=7200)


def test_a_pause_after_the_breach_moves_nothing():
    pause = event("14:00", "state", to="waiting", pause=True)
    assert ask(pause, as_of="15:00") == state(
        "13:00", 5 * 3600, paused_for=3600, paused=True, breached=True, late=7200
    )


def test_a_target_that_is_not_pausable_runs_on():
    targets = {"resolution": {"seconds": 4 * 3600, "pausable": False}}
    pause = event("10:00", "state", to="waiting", pause=True)
    assert ask(pause, as_of="12:00", targets=targets) == state("13:00", 3 * 3600)


def test_reopening_leaves_out_the_time_between():
    happened = event("10:00", "resolved"), event("11:00", "state", to="In Progress")
    assert ask(*happened, as_of="12:00") == state("14:00", 7200)
    still_closed = event("10:00", "resolved"), event("11:00", "state", to="Closed")
    assert ask(*still_closed, as_of="12:00") == state("13:00", 3600)


def test_reopening_into_a_pause():
    happened = event("10:00", "closed", pause=True), event("11:00", "state", to="pending")
    assert ask(*happened, as_of="12:00") == state(None, 3600, paused_for=3600, paused=True)


def test_a_policy_carries_the_time_used():
    looser = event("11:00", "policy", targets={"resolution": {"seconds": 6 * 3600}})
    assert ask(looser, as_of="12:00") == state("15:00", 3 * 3600)


def test_a_policy_that_leaves_no_time_is_due_when_it_comes():
    tighter = event("11:00", "policy", targets={"resolution": {"seconds": 3600}})
    assert ask(tighter, as_of="12:00") == state("11:00", 3 * 3600, breached=True, late=3600)


def test_a_looser_policy_never_removes_a_breach():
    looser = event("14:00", "policy", targets={"resolution": {"seconds": 6 * 3600}})
    assert ask(looser, as_of="14:30") == state("15:00", 5.5 * 3600, breached=True)


def test_a_policy_without_the_target_promises_nothing_until_one_brings_it_back():
    none = event("10:00", "policy", targets={})
    assert ask(none, as_of="16:00") == state(None, 7 * 3600)
    back = event("11:00", "policy", targets=TARGETS)
    assert ask(none, back, as_of="12:00") == state("13:00", 3 * 3600)
    late = event("15:00", "policy", targets=TARGETS)
    assert ask(none, late, as_of="15:00") == state("15:00", 6 * 3600)


def test_a_resolution_under_no_policy_was_not_due():
    happened = event("10:00", "policy", targets={}), event("15:00", "resolved")
    assert ask(*happened, as_of="16:00") == state(None, 6 * 3600)


def test_what_was_settled_is_left_alone_by_a_later_policy():
    happened = event("11:00", "resolved"), event("12:00", "policy", targets={})
    assert ask(*happened, as_of="15:00") == state("13:00", 7200)


def test_a_policy_during_a_stop_holds_from_the_reopening():
    policy = event("12:00", "policy", targets={"resolution": {"seconds": 3 * 3600}})
    reopened = event("13:00", "state", to="open")
    stopped = event("11:00", "resolved")
    assert ask(stopped, policy, reopened, as_of="13:30") == state("14:00", 2.5 * 3600)


def test_a_calendar_changes_what_is_left():
    targets = {"resolution": {"seconds": 9 * 3600}}
    longer = event("12:00", "calendar", calendar=LONG_DAYS)
    assert ask(longer, as_of="18:30", targets=targets) == state(
        "18:00", 9.5 * 3600, breached=True, late=1800
    )


def test_a_clock_may_start_later_and_takes_over_what_is_in_force():
    pause = event("10:00", "state", to="waiting", pause=True)
    policy = event("11:00", "policy", targets={"update": {"seconds": 7200}})
    resume = event("13:00", "state", to="open", pause=False)
    question = {"target": "update", "clock_start": monday("12:00")}
    assert ask(pause, policy, resume, as_of="14:00", **question) == state(
        "15:00", 3600, paused_for=3600
    )


def test_before_its_start_a_clock_has_nothing_to_tell():
    nothing = dict.fromkeys(EVERYTHING) | {"paused": False, "breached": False}
    assert ask(as_of="10:00", clock_start=monday("11:00")) == nothing


def test_until_is_another_word_for_as_of_and_events_may_come_in_any_order():
    given = {
        "targets": TARGETS,
        "events": [event("11:00", "resolved"), event("09:00", "created")],
        "ask": [{"target": "resolution", "until": monday("10:00"), "want": ["elapsed_seconds"]}],
    }
    case = {"id": "one", "kind": "escalation", "calendar": OFFICE, "input": given}
    assert simulate([case])[0]["actual"]["checks"][0]["elapsed_seconds"] == 3600


def test_levels():
    def level(seconds, *events, as_of="09:00"):
        return ask(*events, as_of=as_of, level={"offset_seconds": seconds})["level"]["at"]

    assert level(-1800) == monday("12:30")
    assert level(6 * 3600) == "2024-01-09T11:00:00Z"
    pause = event("10:00", "state", to="waiting", pause=True)
    assert level(-4 * 3600 + 1800, pause, as_of="11:00") == monday("09:30")
    assert level(-1800, pause, as_of="11:00") is None
    assert level(-1800, event("12:00", "resolved"), as_of="16:00") is None


def test_fractions_of_a_second_are_kept():
    calendar = OFFICE
    start = {"start": "2024-01-08T09:00:00.25Z", "seconds": 0.5}
    span = {"start": "2024-01-08T09:00:00.25Z", "end": "2024-01-08T10:00:00.75+01:00"}
    cases = [
        {"id": "add", "kind": "add", "calendar": calendar, "input": start},
        {"id": "between", "kind": "between", "calendar": calendar, "input": span},
    ]
    assert [answer["actual"] for answer in simulate(cases)] == [
        {"due": "2024-01-08T09:00:00.750000Z"},
        {"seconds": 0.5},
    ]


def test_backward_is_backward_whatever_the_sign():
    def due(seconds):
        given = {"start": monday("10:00"), "seconds": seconds, "direction": "backward"}
        case = {"id": "add", "kind": "add", "calendar": OFFICE, "input": given}
        return simulate([case])[0]["actual"]["due"]

    assert due(1800) == due(-1800) == monday("09:30")
