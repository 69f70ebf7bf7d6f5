"""Taking an incident up: what it is, how pressing, and whose."""

from deskstream.decider import ToldAfterwards
from deskstream.input import Moment
from incident.terms import (
    EscalationKind,
    Impact,
    Number,
    PersonName,
    PriorityTables,
    Reference,
    Report,
    Text,
    Urgency,
)


class LogIncident(ToldAfterwards):
    """Take up a report under a number that was drawn for it.

    `opened_at` is of what was opened elsewhere, and is known only from now on.
    """

    number: Number
    report: Report
    tables: PriorityTables
    group: Reference | None = None
    opened_at: Moment | None = None


class PrioritiseIncident(ToldAfterwards):
    """Judge impact and urgency anew."""

    impact: Impact
    urgency: Urgency
    tables: PriorityTables


class AssignIncident(ToldAfterwards):
    """Make a group responsible, and perhaps one person in it."""

    group: Reference
    person: PersonName | None = None


class EscalateIncident(ToldAfterwards):
    """Take it further; a functional escalation hands it to the group `to`."""

    kind: EscalationKind
    because: Text
    to: Reference | None = None


TriageCommand = LogIncident | PrioritiseIncident | AssignIncident | EscalateIncident
