"""What becomes of a ticket if each of its steps happens, folded with the product's stopwatch.

The opposite of the computation beside it: this one follows the steps that the product is told.
"""

from datetime import timedelta

from reckoning import Reckoned

from deskstream_platform.replay.steps import Kind
from deskstream_worktime.calendar import WorkCalendar
from deskstream_worktime.stopwatch import Phase, Stopwatch

HOLDS = {
    "Awaiting User Info": "awaiting_caller",
    "Awaiting Vendor": "awaiting_supplier",
    "Awaiting Problem": "awaiting_problem",
}
STATES = {"new": "New", "in_progress": "Active", "resolved": "Resolved", "closed": "Closed"}
LEADS_TO = {
    Kind.START: "in_progress",
    Kind.RESUME: "in_progress",
    Kind.REOPEN: "in_progress",
    Kind.HOLD: "on_hold",
    Kind.RESOLVE: "resolved",
    Kind.CLOSE: "closed",
}


class Promise:
    """An agreement in plain data, as the product's calendar understands it."""

    def __init__(self, plain):
        self.calendar = WorkCalendar.of(**plain["calendar"])
        self.pauses_on = {HOLDS[state] for state in plain["pauses_on"]}
        self.seconds = {int(one): timedelta(seconds=own) for one, own in plain["seconds"].items()}


class Ticket:
    """One ticket, step by step."""

    def __init__(self, step, promise):
        self.promise = promise
        self.number = step.ticket
        self.group = step.fields.get("group")
        self.group_changes = self.reopenings = 0
        self.resolved_at = self.held_since = None
        self.held = timedelta()
        self.breached = False
        self.opened = step.fields.get("opened_at", step.at)
        self.priority = step.fields["priority"]
        self.watch = self.started(self.opened)
        self.enter(step.fields.get("state", "new"), step.at, step.fields.get("hold", {}))
        if self.state in {"resolved", "closed"}:
            self.resolved_at = step.at

    def started(self, at):
        return Stopwatch.start(self.promise.calendar, self.promise.seconds[self.priority], at)

    def take(self, step):
        at = step.at
        self.breached |= self.watch.breached(at)
        if step.kind is Kind.ASSIGN:
            self.group_changes += step.fields["group"] != self.group
            self.group = step.fields["group"]
        elif step.kind is Kind.PRIORITISE:
            self.priority = step.fields["priority"]
            target = self.promise.seconds[self.priority]
            if self.watch.phase is not Phase.STOPPED:
                self.watch = self.watch.retarget(at, target, self.promise.calendar)
        elif step.kind in LEADS_TO:
            self.move(step)

    def move(self, step):
        at = step.at
        if step.kind is Kind.REOPEN:
            self.reopenings += 1
            closed = self.state == "closed"
            self.watch = self.started(at) if closed else self.watch.reopen(at)
        if step.kind is Kind.RESOLVE:
            self.resolved_at = at
        self.enter(LEADS_TO[step.kind], at, step.fields)

    def enter(self, state, at, hold):
        if self.held_since is not None:
            self.held += at - self.held_since
        self.state, self.held_since = state, at if state == "on_hold" else None
        if state in {"resolved", "closed"}:
            self.watch = self.watch.stop(at)
        elif hold.get("reason") in self.promise.pauses_on:
            self.watch = self.watch.pause(at)
        else:
            self.watch = self.watch.resume(at)
        self.breached |= self.watch.breached(at)

    def reckoned(self, until):
        self.breached |= self.watch.breached(until)
        opened = int(self.opened.timestamp())
        resolved = self.resolved_at and int(self.resolved_at.timestamp()) - opened
        return Reckoned(
            number=self.number,
            state=STATES.get(self.state, self.state),
            opened=opened,
            to_resolve=resolved,
            on_hold=int(self.held.total_seconds()),
            group_changes=self.group_changes,
            reopenings=self.reopenings,
            breached=self.breached,
            used=int(self.watch.elapsed(until).total_seconds()),
        )


def lives(steps, promise, until):
    """What became of all tickets, by number."""
    tickets = {}
    for step in steps:
        if step.ticket in tickets:
            tickets[step.ticket].take(step)
        else:
            tickets[step.ticket] = Ticket(step, promise)
    return {number: ticket.reckoned(until) for number, ticket in tickets.items()}
