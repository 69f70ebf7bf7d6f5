"""What an incident is connected with, who follows it, what was done, and that it was a request."""

import pytest
from an_incident import (
    AGENT,
    CALLER,
    COLLEAGUE,
    CONVERTED,
    IMPORTER,
    LOGGED,
    OTHERS,
    by,
    given,
)
from pydantic import ValidationError

from incident.commands.conversion import ConvertToRequest
from incident.commands.links import LinkIncident, UnlinkIncident
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.commands.work import RecordWork
from incident.events.family import TookChild
from incident.events.links import IncidentLinked, IncidentUnlinked
from incident.events.watching import IncidentUnwatched, IncidentWatched
from incident.events.work import WorkRecorded
from incident.queries import holding_of
from incident.terms.related import LinkKind, WorkKind

PROBLEM = {"kind": LinkKind.PROBLEM, "to": "PRB0000007"}


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        (LinkKind.PROBLEM, "PRB0000007"),
        (LinkKind.CHANGE, "CHG0000003"),
        (LinkKind.CAUSED_BY_CHANGE, "CHG0000003"),
        (LinkKind.DUPLICATE, "INC0000042"),
        (LinkKind.RELATED, "REQ0000001"),
        (LinkKind.AFFECTED_SERVICE, "0197a3c2-0000-7000-8000-000000000001"),
        (LinkKind.CONFIGURATION_ITEM, "mail-relay-2"),
    ],
)
def test_it_is_linked_and_unlinked(kind, to):
    linked = IncidentLinked(kind=kind, to=to)
    given(LOGGED).when(LinkIncident(kind=kind, to=to)).then(linked)
    given(LOGGED, linked).when(LinkIncident(kind=kind, to=to)).then_nothing_happened()
    given(LOGGED, linked).when(UnlinkIncident(kind=kind, to=to)).then(
        IncidentUnlinked(kind=kind, to=to)
    )


def test_what_is_not_linked_cannot_be_unlinked():
    given(LOGGED).when(UnlinkIncident(**PROBLEM)).then_nothing_happened()
    given(LOGGED, IncidentLinked(**PROBLEM), IncidentUnlinked(**PROBLEM)).when(
        UnlinkIncident(**PROBLEM)
    ).then_nothing_happened()


def test_a_link_names_what_it_says():
    given(LOGGED).when(LinkIncident(kind=LinkKind.PROBLEM, to="CHG0000003")).then_refused(
        "number-of-another-kind", naming="PRB", field="to"
    )
    given(LOGGED).when(LinkIncident(kind=LinkKind.RELATED, to="INC0001234")).then_refused(
        "itself", field="to"
    )


def test_configuration_items_are_those_of_the_report_and_those_that_were_found_since():
    reported = LOGGED.model_copy(update={"configuration_items": ("relay-1", "relay-2")})
    wrong = {"kind": LinkKind.CONFIGURATION_ITEM, "to": "relay-1"}
    found = {"kind": LinkKind.CONFIGURATION_ITEM, "to": "relay-3"}
    given(reported).when(UnlinkIncident(**wrong)).then(IncidentUnlinked(**wrong))
    given(reported).when(LinkIncident(**wrong)).then_nothing_happened()
    after = given(reported, IncidentUnlinked(**wrong), IncidentLinked(**found)).state
    assert after.configuration_items == ["relay-2", "relay-3"]


def test_who_sees_it_can_watch_it():
    watched = IncidentWatched(person="Carol")
    given(LOGGED).when(WatchIncident(), by(COLLEAGUE)).then(watched)
    given(LOGGED, watched).when(WatchIncident(), by(COLLEAGUE)).then_nothing_happened()
    given(LOGGED, watched).when(UnwatchIncident(), by(COLLEAGUE)).then(
        IncidentUnwatched(person="Carol")
    )
    given(LOGGED).when(UnwatchIncident(), by(COLLEAGUE)).then_nothing_happened()


def test_whom_it_concerns_hears_of_it_anyway():
    given(LOGGED).when(WatchIncident(), by(CALLER)).then_nothing_happened()
    given(LOGGED).when(UnwatchIncident(), by(CALLER)).then_nothing_happened()


def test_the_service_desk_says_who_else_watches_it():
    watched = IncidentWatched(person="Frank")
    for actor in (AGENT, IMPORTER):
        given(LOGGED).when(WatchIncident(person="Frank"), by(actor)).then(watched)
    given(LOGGED).when(WatchIncident(person="Frank"), by(COLLEAGUE)).then_refused(
        "watch-for-yourself", field="person"
    )
    given(LOGGED, watched).when(UnwatchIncident(person="Frank"), by(COLLEAGUE)).then_refused(
        "watch-for-yourself", field="person"
    )


def test_who_watches_it_sees_it():
    assert "Frank" in holding_of(given(LOGGED, IncidentWatched(person="Frank")).state).people


def test_work_is_recorded_for_oneself_or_somebody_else():
    done = {"minutes": 15, "kind": WorkKind.DIAGNOSIS}
    given(LOGGED).when(RecordWork(**done), by(AGENT)).then(WorkRecorded(person="Dana", **done))
    given(LOGGED).when(RecordWork(person="Hal", **done), by(AGENT)).then(
        WorkRecorded(person="Hal", **done)
    )


@pytest.mark.parametrize("minutes", [0, -5, 24 * 60 + 1])
def test_nobody_works_less_than_a_minute_or_more_than_a_day(minutes):
    with pytest.raises(ValidationError):
        RecordWork(minutes=minutes, kind=WorkKind.REPAIR)


def test_an_incident_that_is_none_is_converted():
    given(LOGGED).when(ConvertToRequest(reason=CONVERTED.reason)).then(CONVERTED)


def test_a_parent_is_not_converted_away_from_its_children():
    given(LOGGED, TookChild(child=OTHERS.ref)).when(
        ConvertToRequest(reason="She asks for it.")
    ).then_refused("has-children")
