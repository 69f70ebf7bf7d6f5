"""Who becomes responsible: by the routing table, by hand, or by taking it."""

import pytest
from a_catalogue import KNOWN, LAST_YEAR
from an_incident import AGENT, ASSIGNED, CALLER, IMPORTER, LOGGED, by, given, log

from deskstream.decider import Actor, Role
from incident.commands.triage import (
    AssignIncident,
    EscalateIncident,
    ReclassifyIncident,
    TakeIncident,
)
from incident.events.triage import (
    EscalationTold,
    IncidentAssigned,
    IncidentEscalated,
    IncidentReclassified,
)
from incident.terms import Assigning, EscalationKind, PriorityTables, Restriction, Urgency
from incident.terms.parties import Parties, Route, RoutingTable

TO_MESSAGING = IncidentAssigned(group="messaging", how=Assigning.ROUTED, routing_version=3)
TO_NETWORK = TO_MESSAGING.model_copy(update={"group": "network"})
NOBODY = IncidentAssigned(group=None)
RESTRICTED = LOGGED.model_copy(update={"restricted": Restriction.SECURITY})


def assigned_by(command, occasion=None):
    return list(given().when(command, occasion).decided)[1:]


@pytest.mark.parametrize(
    ("category", "routed"), [("mail", TO_MESSAGING), ("printing", TO_NETWORK), (None, TO_NETWORK)]
)
def test_what_is_logged_goes_where_the_routing_table_says(category, routed):
    assert assigned_by(log(category=category, parties=KNOWN), by(CALLER)) == [routed]


def test_a_group_that_is_named_goes_before_the_routing_table():
    command = log(category="mail", group="network", parties=KNOWN)
    assert assigned_by(command) == [IncidentAssigned(group="network")]


def test_without_a_table_or_with_a_route_to_a_group_that_is_gone_nobody_is_responsible():
    gone = RoutingTable(since=LAST_YEAR, version=4, routes=(Route("mainframe"),))
    assert assigned_by(log()) == []
    assert assigned_by(log(parties=Parties(KNOWN.groups, routing=(gone,)))) == []


def test_an_import_tells_how_urgent_it_was_and_who_had_it():
    command = log(urgency=Urgency.LOW, category="mail", parties=KNOWN)
    (logged,) = given().when(command, by(IMPORTER)).decided
    assert (logged.urgency, logged.vip) == (Urgency.LOW, False)
    given(LOGGED).when(classify(category="mail"), by(IMPORTER)).then(reclassified(category="mail"))


def classify(**anew):
    return ReclassifyIncident(**anew, tables=PriorityTables(), parties=KNOWN)


def reclassified(**anew):
    told = LOGGED.model_dump(include={"service", "organisation", "category"})
    judged = {"impact": LOGGED.impact, "urgency": LOGGED.urgency, "priority": 2}
    return IncidentReclassified(**(told | anew), **judged, matrix_version=0)


def test_classified_anew_it_is_routed_anew():
    given(LOGGED, ASSIGNED).when(classify(category="printing")).then(
        reclassified(category="printing"), TO_NETWORK
    )


def test_what_is_left_out_of_a_classification_stays_and_the_same_changes_nothing():
    given(LOGGED, ASSIGNED).when(classify(category=None)).then_nothing_happened()
    given(LOGGED).when(classify(organisation="acme")).then_nothing_happened()
    mail = given(LOGGED, reclassified(category="mail"), TO_MESSAGING)
    mail.when(classify(service="payments")).then(reclassified(category="mail", service="payments"))
    assert mail.state.report.category == "mail"


def test_a_restricted_incident_stays_with_its_group_whatever_it_is_about():
    given(RESTRICTED, ASSIGNED).when(classify(category="printing")).then(
        reclassified(category="printing")
    )


@pytest.mark.parametrize("group", ["securty", "mainframe"])
def test_only_a_group_that_is_there_becomes_responsible(group):
    for command, field in [
        (AssignIncident(group=group, parties=KNOWN), "group"),
        (escalation(EscalationKind.FUNCTIONAL, group), "to"),
    ]:
        given(LOGGED).when(command).then_refused("no-such-group", naming=group, field=field)
    given().when(log(group=group, parties=KNOWN)).then_refused("no-such-group", field="group")


def test_only_a_member_becomes_responsible_in_a_group():
    given(LOGGED).when(AssignIncident(group="network", person="Dana", parties=KNOWN)).then_refused(
        "not-a-member", naming="Dana is not in network", field="person"
    )
    given(LOGGED).when(AssignIncident(group="messaging", person="Dana", parties=KNOWN)).then(
        ASSIGNED
    )


def test_while_no_group_is_known_any_name_will_do():
    given(LOGGED).when(AssignIncident(group="anything", person="Anybody")).then(
        IncidentAssigned(group="anything", person="Anybody")
    )


def test_a_group_and_a_person_can_be_taken_away():
    given(LOGGED, ASSIGNED).when(AssignIncident(group=None, parties=KNOWN)).then(NOBODY)
    given(LOGGED, ASSIGNED).when(AssignIncident(group="messaging", parties=KNOWN)).then(
        IncidentAssigned(group="messaging")
    )
    given(RESTRICTED, ASSIGNED).when(AssignIncident(group=None)).then_refused(
        "restricted-stays-in-sight"
    )


def test_only_an_import_names_a_person_without_a_group_or_a_group_that_is_gone():
    alone = AssignIncident(group=None, person="Dana", parties=KNOWN)
    given(LOGGED).when(alone, by(AGENT)).then_refused("group-missing", field="group")
    given(LOGGED).when(alone, by(IMPORTER)).then(IncidentAssigned(person="Dana"))
    given(LOGGED).when(AssignIncident(group="mainframe", parties=KNOWN), by(IMPORTER)).then(
        IncidentAssigned(group="mainframe")
    )


def takes(group="messaging"):
    return IncidentAssigned(group=group, person="Dana", how=Assigning.TAKEN)


def test_an_agent_takes_it_in_the_group_that_has_it_or_in_the_only_one_of_theirs():
    given(LOGGED).when(TakeIncident(), by(AGENT)).then(takes())
    given(LOGGED, IncidentAssigned(group="network")).when(TakeIncident(), by(AGENT)).then(takes())
    given(LOGGED, takes()).when(TakeIncident(), by(AGENT)).then_nothing_happened()
    in_two = Actor("Dana", Role.AGENT, frozenset({"messaging", "network"}))
    given(LOGGED, IncidentAssigned(group="network")).when(TakeIncident(), by(in_two)).then(
        takes("network")
    )
    given(LOGGED).when(TakeIncident(), by(in_two)).then_refused(
        "not-your-group", naming="messaging, network", field="group"
    )
    given(LOGGED).when(TakeIncident(group="messaging"), by(in_two)).then(takes())


def test_nobody_takes_it_in_a_group_that_is_not_theirs():
    given(LOGGED).when(TakeIncident(group="network"), by(AGENT)).then_refused(
        "not-your-group", naming="messaging"
    )
    in_none = Actor("Dana", Role.AGENT)
    given(LOGGED).when(TakeIncident(), by(in_none)).then_refused("not-your-group")


def escalation(kind, to=None):
    return EscalateIncident(kind=kind, because="It takes too long.", to=to, parties=KNOWN)


def told(kind, whom):
    return EscalationTold(kind=kind, whom=whom)


def test_an_escalation_tells_whoever_can_do_something():
    functional, hierarchical = EscalationKind.FUNCTIONAL, EscalationKind.HIERARCHICAL
    taken_further = IncidentEscalated(kind=functional, because="It takes too long.", to="messaging")
    given(LOGGED).when(escalation(functional, "messaging")).then(
        taken_further,
        IncidentAssigned(group="messaging", how=Assigning.ESCALATED),
        told(functional, "Frank"),
    )
    upwards = IncidentEscalated(kind=hierarchical, because="It takes too long.")
    given(LOGGED, ASSIGNED).when(escalation(hierarchical)).then(upwards, told(hierarchical, "Eve"))
    given(LOGGED, ASSIGNED).when(escalation(hierarchical, "Zoe")).then(
        upwards.model_copy(update={"to": "Zoe"}), told(hierarchical, "Zoe")
    )
    given(LOGGED).when(escalation(hierarchical)).then(upwards)


def test_where_nobody_is_on_call_the_lead_of_the_other_group_is_told():
    functional = EscalationKind.FUNCTIONAL
    *_, last = given(LOGGED, ASSIGNED).when(escalation(functional, "network")).decided
    assert last == told(functional, "Gus")


def test_an_import_tells_who_had_what_is_restricted():
    given(RESTRICTED, ASSIGNED).when(AssignIncident(group="network"), by(IMPORTER)).then(
        IncidentAssigned(group="network")
    )
