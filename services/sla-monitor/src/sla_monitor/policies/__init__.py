"""What the events of a ticket mean for its clocks, and what happens to them by themselves."""

from sla_monitor.policies.retelling import retell
from sla_monitor.policies.tickets import clocks_of, react
from sla_monitor.policies.timing import SILENCE, timers_after, when_due

__all__ = ["SILENCE", "clocks_of", "react", "retell", "timers_after", "when_due"]
