"""What the clocks remember of the ticket itself, whether or not anything is promised for it."""

from deskstream.decider import Fact
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.terms import Candidate, Reference, Standing, Ticket


class TicketUncovered(Fact, stored="clock.ticket_uncovered.v1"):
    """No agreement promises anything for the ticket."""

    subject: Ticket
    cause: str
    because: str
    candidates: tuple[Candidate, ...] = ()

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Nothing is promised: {self.because}"


class TicketHandedOver(Fact, stored="clock.ticket_handed_over.v1"):
    """Another group holds the ticket, or none any more."""

    ticket: str
    group: Reference | None = None
    cause: str

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.group or 'No group'} holds the ticket."


class TicketTurned(Fact, stored="clock.ticket_turned.v1"):
    """The ticket stands elsewhere now, and so somebody else has to act.

    Attributes:
        reason: why it waits, if it does.
        supplier: for which it waits, if it does.
    """

    ticket: str
    to: Standing
    cause: str
    reason: Reference | None = None
    supplier: Reference | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        because = f": {self.reason.replace('_', ' ')}" if self.reason else ""
        return f"The ticket is {self.to}{because}."


class TicketAnswered(Fact, stored="clock.ticket_answered.v1"):
    """An agent said something in public for the first time, and no clock waited for it."""

    ticket: str
    cause: str

    def in_words(self) -> str:
        """As the history tells it."""
        return "An agent has answered."


class TicketReconsidered(Fact, stored="clock.ticket_reconsidered.v1"):
    """What is promised for the ticket was decided again.

    Attributes:
        subject: the ticket as it is from here on.
        applied: the agreement or calendar that was applied by order; absent when the ticket itself
            has changed.
        rebase: what the order made of the time that was used, if it said so.
    """

    ticket: str
    subject: Ticket
    cause: str
    applied: str | None = None
    rebase: Rebase | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        if self.applied is not None:
            return f"The policies of today were applied, as ordered for {self.applied}."
        return f"It is judged anew what is promised: priority {self.subject.priority}."
