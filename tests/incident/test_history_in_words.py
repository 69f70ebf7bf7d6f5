import pytest
from an_incident import (
    ASSIGNED,
    BREACHED,
    CANCELLED,
    ESCALATED,
    LOGGED,
    MONDAY,
    REOPENED,
    RESOLVED,
    STARTED,
)

from incident.events.conversation import SAID, CommentAdded, NoteAdded
from incident.events.ending import CLOSED, IncidentClosed
from incident.events.holding import RESUMED, IncidentPutOnHold, IncidentResumed
from incident.events.service_levels import (
    ServiceLevelBreachCorrected,
    ServiceLevelSuspected,
    ServiceLevelSuspicionCleared,
    ServiceLevelWarned,
)
from incident.events.triage import (
    EscalationTold,
    IncidentAssigned,
    IncidentEscalated,
    IncidentPrioritised,
    IncidentReclassified,
)
from incident.terms import (
    Assigning,
    Closure,
    EscalationKind,
    HoldReason,
    Impact,
    ResumeCause,
    Speaker,
    Urgency,
)


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
        (IncidentAssigned(person="Dana"), "Assigned to Dana."),
        (IncidentAssigned(), "Assigned to nobody."),
        (ASSIGNED.model_copy(update={"how": Assigning.TAKEN}), "Taken by Dana in messaging."),
        (
            IncidentAssigned(group="network", how=Assigning.ROUTED, routing_version=3),
            "Routed to network by version 3 of the routing table.",
        ),
        (
            IncidentReclassified(
                service="payments",
                impact=Impact.HIGH,
                urgency=Urgency.MEDIUM,
                raised_from=Urgency.LOW,
                priority=2,
                matrix_version=1,
                overridden=1,
            ),
            (
                "Classified anew: service payments, category unknown, organisation unknown."
                " Priority 2 (impact high, urgency medium, raised from low for a VIP)."
                " A lead has set 1 instead."
            ),
        ),
        (
            EscalationTold(kind=EscalationKind.HIERARCHICAL, whom="Eve"),
            "Eve was told of the hierarchical escalation.",
        ),
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
            CommentAdded(text="Hello.", speaker=Speaker.AGENT),
            "The service desk said: Hello.",
        ),
        (
            CommentAdded(text="Hello.", speaker=Speaker.CUSTOMER),
            "The customer said: Hello.",
        ),
        (
            CommentAdded(text="Hello.", speaker=Speaker.MACHINE),
            "An automatic reply said: Hello.",
        ),
        (NoteAdded(text="The disk is full."), "Noted: The disk is full."),
        (RESOLVED, "Resolved (fixed): The certificate was renewed."),
        (REOPENED, "Reopened: It has stopped again."),
        (IncidentClosed(how=Closure.CONFIRMED), "Closed: the resolution was confirmed."),
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
            ServiceLevelSuspected(target="first_response", cycle=1, due_at=MONDAY),
            "The target first response may have been missed; it was due 2026-01-05 09:00:00 UTC.",
        ),
        (
            ServiceLevelSuspicionCleared(target="first_response", cycle=1),
            "The target first response was not missed: what was awaited came in time.",
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


def test_there_are_words_for_every_cause_closure_and_speaker():
    assert set(RESUMED) == set(ResumeCause)
    assert set(CLOSED) == set(Closure)
    assert set(SAID) == set(Speaker)
