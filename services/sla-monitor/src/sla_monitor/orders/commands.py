"""What can be asked of an order."""

from typing import TypeAlias

from deskstream.decider import Command
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.orders.terms import Because, PolicyId, PolicyKind, Tally


class Propose(Command):
    """Apply the present version of an agreement or calendar to tickets that are open.

    `rebase` says what becomes of the time that was used; by default what the agreement says.
    """

    kind: PolicyKind
    policy: PolicyId
    rebase: Rebase | None = None
    because: Because


class NotePreview(Command):
    """All open tickets were looked at."""

    tally: Tally


class Give(Command):
    """Let it be done as the preview says."""


class NoteDone(Command):
    """All open tickets were gone through."""

    tally: Tally


class Withdraw(Command):
    """Let it not be done."""

    because: Because


OrderCommand: TypeAlias = Propose | NotePreview | Give | NoteDone | Withdraw
