"""Taking an incident up: what it is, how pressing, and whose."""

from deskstream.decider import Command, ToldAfterwards
from deskstream.input import Moment
from incident.terms import (
    EscalationKind,
    Impact,
    Number,
    PersonName,
    PriorityTables,
    Reference,
    Report,
    ResolutionCode,
    Text,
    Urgency,
)
from incident.terms.parties import NOBODY_KNOWN, Parties


class Solution(Command):
    """How it was solved while it was reported."""

    code: ResolutionCode
    text: Text


class LogIncident(ToldAfterwards):
    """Take up a report under a number that was drawn for it, perhaps solved at first contact.

    `opened_at` is of what was opened elsewhere, and is known only from now on.
    """

    number: Number
    report: Report
    tables: PriorityTables
    group: Reference | None = None
    opened_at: Moment | None = None
    solution: Solution | None = None
    parties: Parties = NOBODY_KNOWN


class PrioritiseIncident(ToldAfterwards):
    """Judge impact and urgency anew."""

    impact: Impact
    urgency: Urgency
    tables: PriorityTables


class ReclassifyIncident(ToldAfterwards):
    """Say that it is about something else; what is left out stays as it is."""

    service: Reference | None = None
    category: Reference | None = None
    organisation: Reference | None = None
    tables: PriorityTables
    parties: Parties = NOBODY_KNOWN


class AssignIncident(ToldAfterwards):
    """Make a group responsible, and perhaps one person in it; or nobody."""

    group: Reference | None
    person: PersonName | None = None
    parties: Parties = NOBODY_KNOWN


class TakeIncident(Command):
    """Become responsible, in one of one's groups."""

    group: Reference | None = None


class EscalateIncident(ToldAfterwards):
    """Take it further: functionally to the group `to`, hierarchically to the person `to`."""

    kind: EscalationKind
    because: Text
    to: Reference | None = None
    parties: Parties = NOBODY_KNOWN


TriageCommand = (
    LogIncident
    | PrioritiseIncident
    | ReclassifyIncident
    | AssignIncident
    | TakeIncident
    | EscalateIncident
)
