import pytest
from an_incident import (
    ASSIGNED,
    BREACHED,
    CANCELLED,
    CLOSED,
    ESCALATED,
    LOGGED,
    MONDAY,
    REOPENED,
    RESOLVED,
    STARTED,
)

from incident.events import (
    CommentAdded,
    IncidentAssigned,
    IncidentEscalated,
    IncidentPrioritised,
    IncidentPutOnHold,
    IncidentResumed,
    NoteAdded,
    ServiceLevelBreachCorrected,
    ServiceLevelWarned,
)
from incident.terms import EscalationKind, HoldReason, Impact, ResumeCause, Urgency


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (
            LOGGED,
            (
                "Logged as INC0001234 by phone: Mail cannot be sent."
                " Priority 2 (impact medium, urgency high)."
            ),
        ),
        (
            IncidentPrioritised(
                impact=Impact.HIGH, urgency=Urgency.LOW, priority=3, matrix_version=1
            ),
            "Judged anew. Priority 3 (impact high, urgency low).",
        ),
        (ASSIGNED, "Assigned to Dana in messaging."),
        (IncidentAssigned(group="messaging"), "Assigned to messaging."),
        (ESCALATED, "Escalated hierarchically: The target first response was missed."),
        (
            IncidentEscalated(kind=EscalationKind.FUNCTIONAL, because="Theirs.", to="network"),
            "Escalated functionally to network: Theirs.",
        ),
        (STARTED, "Work started."),
        (IncidentPutOnHold(reason=HoldReason.AWAITING_CALLER), "Put on hold (awaiting caller)."),
        (
            IncidentPutOnHold(
                reason=HoldReason.AWAITING_SUPPLIER,
                supplier="Northwind",
                reference="NW-4711",
                until=MONDAY,
                text="A new disk.",
            ),
            (
                "Put on hold (awaiting supplier, Northwind, NW-4711,"
                " until 2026-01-05 09:00:00 UTC): A new disk."
            ),
        ),
        (
            IncidentResumed(cause=ResumeCause.CALLER_REPLIED),
            "Resumed, because the caller replied.",
        ),
        (
            CommentAdded(text="Hello.", by_agent=True, automatic=False),
            "The service desk said: Hello.",
        ),
        (
            CommentAdded(text="Hello.", by_agent=False, automatic=False),
            "The customer said: Hello.",
        ),
        (
            CommentAdded(text="Hello.", by_agent=False, automatic=True),
            "An automatic reply said: Hello.",
        ),
        (NoteAdded(text="The disk is full."), "Noted: The disk is full."),
        (RESOLVED, "Resolved (fixed): The certificate was renewed."),
        (REOPENED, "Reopened: It has stopped again."),
        (CLOSED, "Closed: the resolution was confirmed."),
        (CANCELLED, "Cancelled: The caller had no network."),
        (
            ServiceLevelWarned(target="first_response", fraction=0.75, due_at=MONDAY),
            "75% of the time for first response is used; due 2026-01-05 09:00:00 UTC.",
        ),
        (
            ServiceLevelWarned(target="resolution", fraction=0.5),
            "50% of the time for resolution is used; paused.",
        ),
        (
            BREACHED,
            "The target first response was missed; it was due 2026-01-05 09:00:00 UTC.",
        ),
        (
            ServiceLevelBreachCorrected(target="first_response", cycle=1),
            "The target first response was not missed after all.",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_fact_in_plain_words(fact, words):
    assert fact.in_words() == words
