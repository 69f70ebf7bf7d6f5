"""The rows that are made of events: of clocks, and of what other services told."""

from sla_monitor.projections.clocks import ClockRows
from sla_monitor.projections.copies import copy_policies, copy_tickets, learn_policies
from sla_monitor.projections.orders import OrderRows
from sla_monitor.projections.tickets import TicketRows

__all__ = [
    "ClockRows",
    "OrderRows",
    "TicketRows",
    "copy_policies",
    "copy_tickets",
    "learn_policies",
]
