"""Whatever happens to a ticket, its clock stands where a walk through every minute ends."""

from dataclasses import dataclass

from a_ticket import (
    CLOSED,
    REOPENED,
    RESOLVED,
    RESUMED,
    Life,
    agreement,
    book,
    calendar,
    held,
    logged,
    minute,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sla_monitor import foreign
from sla_monitor.terms import Phase

TARGETS = {1: 60, 2: 150, 3: 240}
ROWS = [
    {"ticket_type": "incident", "priority": one, "seconds": {"resolution": minutes * 60}}
    for one, minutes in TARGETS.items()
]


@dataclass
class Walk:
    """What a clock is after walking through every minute of a list of happenings."""

    state: str = "running"
    target: int = TARGETS[3]
    used: int = 0
    breached_at: int | None = None

    exhausted: bool = False

    def through(self, happened: list[tuple[int, str, int]], until: int) -> "Walk":
        waiting = list(happened)
        for now in range(until + 1):
            while waiting and waiting[0][0] == now:
                self._take(*waiting.pop(0)[1:])
            due = self.used >= self.target if self.state == "running" else self.exhausted
            if due and self.state != "stopped" and self.breached_at is None:
                self.breached_at = now
            self.used += self.state == "running"
        return self

    def _take(self, what: str, priority: int) -> None:
        if what != "prioritise":
            self.state = {"hold": "paused", "resolve": "stopped"}.get(what, "running")
        elif TARGETS[priority] != self.target:
            self.target = TARGETS[priority]
            self.exhausted = self.used >= self.target  # due at that instant, also while it waits


class AnyLife(RuleBasedStateMachine):
    """A ticket under an agreement around the clock, told promptly or late."""

    @initialize()
    def open(self):
        self.now, self.happened = 0, []
        self.life = Life(book(calendar(), agreement(targets=ROWS))).tell(0, logged(priority=3))
        self.state = "running"

    def tell(self, what, event, priority=0):
        self.happened.append((self.now, what, priority))
        self.life.tell(self.now, event)

    @rule(minutes=st.integers(1, 100), prompt=st.booleans())
    def time_passes(self, minutes, prompt):
        self.now += minutes
        if prompt:  # a timer never runs past what is still to be told of this minute
            self.life.pass_until(self.now - 0.5)

    @precondition(lambda self: self.state == "running")
    @rule()
    def hold(self):
        self.state = "paused"
        self.tell("hold", held())

    @precondition(lambda self: self.state == "paused")
    @rule()
    def resume(self):
        self.state = "running"
        self.tell("resume", RESUMED)

    @precondition(lambda self: self.state != "stopped")
    @rule(priority=st.sampled_from(sorted(TARGETS)))
    def prioritise(self, priority):
        self.tell("prioritise", foreign.IncidentPrioritised(priority=priority), priority)

    @precondition(lambda self: self.state != "stopped")
    @rule()
    def resolve(self):
        self.state = "stopped"
        self.tell("resolve", RESOLVED)

    @precondition(lambda self: self.state == "stopped")
    @rule()
    def reopen(self):
        self.state = "running"
        self.tell("reopen", REOPENED)

    @invariant()
    def its_phase_is_that_of_the_walk(self):
        walk = Walk().through(self.happened, self.now)
        assert self.life.clock().phase is Phase(walk.state)

    def teardown(self):
        """When all timers have run, the breach is that of the walk, however late each ran."""
        if not hasattr(self, "life"):
            return
        end = self.now + 1000
        walk = Walk().through(self.happened, end)
        expected = None if walk.breached_at is None else minute(walk.breached_at)
        self.life.pass_until(end)
        assert self.life.clock().breached_at == expected
        self.life.tell(end, CLOSED)
        assert self.life.clock().met is (expected is None)


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=100, stateful_step_count=15, deadline=None)
