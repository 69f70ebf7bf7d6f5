"""What is asked of the many incidents: by each filter what few have, what many, and what none."""

from datetime import timedelta
from typing import Any, Final, get_args

from many_incidents import NOW

from deskstream.access import Principal
from deskstream.decider import Role
from incident.queries.listing import IncidentQuery

FOREVER: Final = 1e12
AGENT: Final = Principal("agent-200", Role.AGENT, frozenset({"group-28"}), expires_at=FOREVER)
REQUESTER: Final = Principal("caller-30", Role.REQUESTER, expires_at=FOREVER)
CUSTOMER: Final = Principal(
    "caller-900", Role.CUSTOMER, organisation="customer-80", expires_at=FOREVER
)
BUSY_AGENT: Final = Principal("agent-0", Role.AGENT, frozenset({"group-0"}), expires_at=FOREVER)
BUSY_REQUESTER: Final = Principal("caller-0", Role.REQUESTER, expires_at=FOREVER)
BIG_CUSTOMER: Final = Principal(
    "caller-0", Role.CUSTOMER, organisation="customer-0", expires_at=FOREVER
)
LATELY: Final = NOW - timedelta(days=3)
EARLY: Final = NOW - timedelta(days=1085)
SORTS: Final[tuple[str, ...]] = get_args(IncidentQuery.model_fields["sort"].annotation)
RARE: Final[dict[str, Any]] = {
    "open": True,
    "mine": True,
    "my_groups": True,
    "unassigned": True,
    "status": ["new"],
    "priority": [1],
    "service": "service-50",
    "organisation": "customer-80",
    "category": "category-30",
    "caller": "caller-30",
    "group": ["group-28"],
    "person": "agent-200",
    "hold_reason": "other",
    "number": "INC0000500",
    "major": ["declared"],
    "parent": "INC0000500",
    "at_risk": True,
    "breached": True,
    "due_before": NOW,
    "opened_from": LATELY,
    "opened_before": EARLY,
    "resolved_from": LATELY,
    "resolved_before": EARLY,
    "text": "conduba",
}
FREQUENT: Final[dict[str, Any]] = {
    "open": False,
    "unassigned": False,
    "status": ["closed"],
    "priority": [3, 4],
    "service": "service-0",
    "organisation": "customer-0",
    "category": "category-0",
    "caller": "caller-0",
    "group": ["group-0", "group-1", "group-2"],
    "person": "agent-0",
    "hold_reason": "awaiting_caller",
    "major": ["declared", "reviewed"],
    "at_risk": False,
    "breached": False,
    "due_before": NOW + timedelta(days=10),
    "opened_from": EARLY,
    "opened_before": LATELY,
    "resolved_from": EARLY,
    "resolved_before": LATELY,
    "text": "bababa",
}
NOBODYS: Final[dict[str, Any]] = {
    "service": "a-new-one",
    "organisation": "a-new-one",
    "category": "a-new-one",
    "caller": "a-new-one",
    "group": ["a-new-one"],
    "person": "a-new-one",
    "text": "never-written",
}
