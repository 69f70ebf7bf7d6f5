"""The clocks of tickets that another tool kept."""

from a_ticket import TICKET, minute

from sla_monitor import foreign
from sla_monitor.commands import StartClocks
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.policies import react

SOURCE = "import:0198f1a0"
TAKEN_OVER = foreign.IncidentImported(
    at=minute(90), number="INC0000001", caller="Anna", priority=3, opened_at=minute(0)
)


def test_a_ticket_that_was_opened_elsewhere_is_followed_from_its_opening():
    command = react(TAKEN_OVER, TICKET, "its-beginning", PolicyBook({}, {}), SOURCE)
    assert isinstance(command, StartClocks)
    assert (command.at, command.ticket.opened_at) == (minute(0), minute(0))
    assert command.ticket.source == SOURCE
