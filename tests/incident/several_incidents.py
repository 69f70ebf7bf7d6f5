"""Several incidents at once, and what they are to each other: a slow and obvious account of it.

It knows no events: each incident is a handful of plain values, and whoever is asked for something
looks at all of them. What follows by itself (a parent hears that a child has left, children are
resolved with their parent) waits in a list until it is carried out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

OPEN = {"new", "in_progress", "on_hold"}
TALKED_ABOUT = {*OPEN, "resolved"}
NOT_CANCELLED = {*TALKED_ABOUT, "closed"}
CALLERS = {"Anna": "acme", "Greta": "acme", "Hugo": "globex"}
NOT_SAID = "The fault behind this and other reports is gone."


@dataclass(frozen=True)
class Step:
    """What is asked of an incident, perhaps with another; what is said comes with it."""

    kind: str
    one: int
    other: int = -1
    said: str = ""


@dataclass
class Ticket:
    """An incident as people would describe it."""

    caller: str
    status: str = "new"
    resolution: int = 0
    text: str = ""
    parent: int | None = None
    independent: bool = False
    children: list[int] = field(default_factory=list)
    merged_into: int | None = None
    major: str = ""
    links: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    minutes: int = 0
    watchers: set[str] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass
class Account:
    """All incidents, and what is still to follow by itself."""

    tickets: list[Ticket] = field(default_factory=list)
    to_follow: list[tuple[str, int, int]] = field(default_factory=list)
    resolutions: int = 0

    def ask(self, step: Step) -> bool:
        """Whether it is possible; if so, it was done."""
        if step.kind == "log":
            self.tickets.append(Ticket(step.said))
            return True
        if step.other >= 0:
            both = self.tickets[step.one], self.tickets[step.other]
            return step.one != step.other and TOGETHER[step.kind](self, step, *both)
        return ALONE[step.kind](self, step, self.tickets[step.one])

    def follow(self) -> None:
        """What has waited longest happens."""
        what, nth, other = self.to_follow.pop(0)
        ticket = self.tickets[nth]
        if what == "left":
            ticket.children.remove(other)
        elif ticket.resolution == other and ticket.status in {"resolved", "closed"}:
            for child in self.tickets:
                if child.parent == nth and child.is_open and not child.independent:
                    same = CALLERS[child.caller] == CALLERS[ticket.caller]
                    self.resolve(self.tickets.index(child), ticket.text if same else NOT_SAID)

    def resolve(self, nth: int, text: str) -> None:
        """It is resolved, and its children are to follow."""
        self.resolutions += 1
        ticket = self.tickets[nth]
        ticket.status, ticket.resolution, ticket.text = "resolved", self.resolutions, text
        self.to_follow.append(("resolved", nth, self.resolutions))

    def part(self, nth: int) -> None:
        """It leaves its parent, if it has one, which hears of it later."""
        ticket = self.tickets[nth]
        if ticket.parent is not None:
            self.to_follow.append(("left", ticket.parent, nth))
        ticket.parent, ticket.independent = None, False


def _turn(to: str, *from_: str) -> Callable[[Account, Step, Ticket], bool]:
    def turned(_: Account, __: Step, ticket: Ticket) -> bool:
        if ticket.status not in from_:
            return False
        ticket.status = to
        return True

    return turned


def _resolve(account: Account, step: Step, ticket: Ticket) -> bool:
    if not ticket.is_open:
        return False
    account.resolve(step.one, step.said)
    return True


def _reopen(account: Account, step: Step, ticket: Ticket) -> bool:
    if ticket.status not in {"resolved", "closed"}:
        return False
    ticket.status = "in_progress"
    account.part(step.one)
    return True


def _end(status: str) -> Callable[[Account, Step, Ticket], bool]:
    def ended(account: Account, step: Step, ticket: Ticket) -> bool:
        tied = status == "converted" and ticket.children
        if not ticket.is_open or ticket.major == "declared" or tied:
            return False
        ticket.status = status
        account.part(step.one)
        return True

    return ended


def _say(into: str) -> Callable[[Account, Step, Ticket], bool]:
    def said(_: Account, step: Step, ticket: Ticket) -> bool:
        if ticket.status not in TALKED_ABOUT:
            return False
        getattr(ticket, into).append(step.said)
        return True

    return said


def _work(_: Account, __: Step, ticket: Ticket) -> bool:
    ticket.minutes += 10 * (ticket.status in TALKED_ABOUT)
    return ticket.status in TALKED_ABOUT


def _set(name: str, change: str) -> Callable[[Account, Step, Ticket], bool]:
    def changed(_: Account, step: Step, ticket: Ticket) -> bool:
        if ticket.status not in TALKED_ABOUT:
            return False
        if not (name == "watchers" and step.said == ticket.caller):
            getattr(getattr(ticket, name), change)(step.said)
        return True

    return changed


def _leave(account: Account, step: Step, ticket: Ticket) -> bool:
    if ticket.status not in NOT_CANCELLED or ticket.parent is None:
        return False
    account.part(step.one)
    return True


def _independence(*, value: bool) -> Callable[[Account, Step, Ticket], bool]:
    def made(_: Account, __: Step, ticket: Ticket) -> bool:
        if not ticket.is_open or ticket.parent is None:
            return False
        ticket.independent = value
        return True

    return made


def _flag(to: str, states: set[str], *from_: str) -> Callable[[Account, Step, Ticket], bool]:
    def flagged(_: Account, __: Step, ticket: Ticket) -> bool:
        if ticket.status not in states or ticket.major not in from_:
            return False
        ticket.major = to
        return True

    return flagged


def _join(_: Account, step: Step, child: Ticket, parent: Ticket) -> bool:
    tied = child.parent is not None or child.children or parent.parent is not None
    if not (child.is_open and parent.is_open) or tied:
        return False
    child.parent, child.independent = step.other, step.said == "independent"
    parent.children.append(step.one)
    return True


def _merge(account: Account, step: Step, duplicate: Ticket, survivor: Ticket) -> bool:
    one_caller = duplicate.caller == survivor.caller
    tied = duplicate.children or duplicate.major == "declared"
    if not (duplicate.is_open and survivor.is_open) or tied or not one_caller:
        return False
    account.part(step.one)
    duplicate.status, duplicate.merged_into = "merged", step.other
    survivor.comments += duplicate.comments
    survivor.notes += duplicate.notes
    survivor.minutes += duplicate.minutes
    survivor.watchers |= duplicate.watchers
    return True


ALONE = {
    "start": _turn("in_progress", "new"),
    "hold": _turn("on_hold", *OPEN),
    "resume": _turn("in_progress", "on_hold"),
    "close": _turn("closed", "resolved"),
    "resolve": _resolve,
    "reopen": _reopen,
    "cancel": _end("cancelled"),
    "convert": _end("converted"),
    "comment": _say("comments"),
    "note": _say("notes"),
    "work": _work,
    "watch": _set("watchers", "add"),
    "unwatch": _set("watchers", "discard"),
    "link": _set("links", "add"),
    "unlink": _set("links", "discard"),
    "leave": _leave,
    "make independent": _independence(value=True),
    "make dependent": _independence(value=False),
    "propose": _flag("proposed", OPEN, ""),
    "decline": _flag("", OPEN, "proposed"),
    "declare": _flag("declared", OPEN, "", "proposed"),
    "stand down": _flag("stood_down", NOT_CANCELLED, "declared"),
    "review": _flag("reviewed", NOT_CANCELLED, "stood_down"),
}
TOGETHER = {"join": _join, "merge": _merge}
