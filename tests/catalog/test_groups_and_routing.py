from datetime import UTC, datetime
from uuid import UUID

import pytest

from catalog.definitions.commands import Define, Redefine, Retire
from catalog.definitions.terms import Surroundings
from catalog.groups.decider import DECIDER as GROUPS
from catalog.groups.events import GroupRedefined, GroupRegistered
from catalog.groups.terms import GroupDefinition
from catalog.routing.decider import DECIDER as ROUTINGS
from catalog.routing.events import RoutingRetired, RoutingSet
from catalog.routing.terms import ROUTING, RoutingDefinition
from deskstream.decider import Actor, Occasion, Role
from deskstream_testing.deciders import DeciderSpecification

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
BY_THE_OWNER = Occasion(Actor("Olga", Role.OWNER), NOW)
given = DeciderSpecification(GROUPS, usual=BY_THE_OWNER).given
given_routing = DeciderSpecification(ROUTINGS, usual=BY_THE_OWNER).given

NETWORK, DANA, LENA, HOURS, BOOKING = (UUID(int=number) for number in range(1, 6))
HERE = Surroundings(own=NETWORK, standing={DANA, LENA, HOURS})


def network(**changes):
    told = {"name": "Network", "key": "network", "members": [LENA, DANA], **changes}
    return GroupDefinition.model_validate(told)


def register(group, surroundings=HERE):
    return Define(definition=group, surroundings=surroundings)


REGISTERED = GroupRegistered(version=1, effective_from=NOW, definition=network())


class TestGroups:
    def test_a_group_is_formed_and_changes_hands(self):
        given().when(register(network())).then(REGISTERED)
        danas = network(lead=DANA, on_call=LENA, calendar=HOURS)
        given(REGISTERED).when(Redefine(definition=danas, surroundings=HERE)).then(
            GroupRedefined(version=2, effective_from=NOW, definition=danas)
        )

    def test_the_order_in_which_members_are_told_says_nothing(self):
        same = network(members=[DANA, LENA, DANA])
        given(REGISTERED).when(Redefine(definition=same, surroundings=HERE)).then_nothing_happened()

    @pytest.mark.parametrize("field", ["lead", "on_call"])
    def test_whoever_leads_it_or_is_on_call_is_a_member(self, field):
        outsider = network(members=[DANA], **{field: LENA})
        given().when(register(outsider)).then_refused("not-a-member", naming=str(LENA), field=field)

    def test_its_people_and_hours_must_be_there(self):
        nobody = Surroundings(own=NETWORK, standing={DANA})
        given().when(register(network(), nobody)).then_refused(
            "unknown-person", naming=str(LENA), field="members"
        )
        given().when(register(network(members=[DANA], calendar=HOURS), nobody)).then_refused(
            "unknown-calendar", field="calendar"
        )

    def test_its_key_is_its_own_and_stays(self):
        taken = Surroundings(own=NETWORK, standing={DANA, LENA}, namesake="Networks")
        given().when(register(network(), taken)).then_refused("key-taken", field="key")
        renamed = Redefine(definition=network(key="networks"), surroundings=HERE)
        given(REGISTERED).when(renamed).then_refused("key-is-fixed", field="key")

    def test_its_history_reads_in_plain_words(self):
        assert REGISTERED.in_words() == "Registered “Network” (network) with 2 members"
        told = network(members=[DANA], lead=DANA, on_call=DANA, calendar=HOURS)
        changed = GroupRedefined(version=2, effective_from=NOW, definition=told)
        assert changed.in_words() == (
            "Version 2, in force from 2026-03-02 10:00:00 UTC: “Network” (network) with 1 member, "
            f"led by {DANA}, {DANA} on call, working by calendar {HOURS}"
        )


def routing(*routes):
    return RoutingDefinition.model_validate({"name": "Ours", "routes": routes})


def set_(table, standing=(NETWORK, BOOKING)):
    return Define(definition=table, surroundings=Surroundings(own=ROUTING, standing=set(standing)))


class TestRouting:
    def test_the_table_is_set_and_set_again(self):
        table = routing({"service": BOOKING, "category": "network", "group": NETWORK})
        is_set = RoutingSet(version=1, effective_from=NOW, definition=table)
        given_routing().when(set_(table)).then(is_set)
        other = routing({"group": NETWORK})
        again = Redefine(
            definition=other, surroundings=Surroundings(own=ROUTING, standing={NETWORK})
        )
        given_routing(is_set).when(again).then(
            RoutingSet(version=2, effective_from=NOW, definition=other)
        )

    def test_the_table_may_end(self):
        table = routing({"group": NETWORK})
        is_set = RoutingSet(version=1, effective_from=NOW, definition=table)
        retire = Retire(reason="By hand from now on.", surroundings=Surroundings(own=ROUTING))
        ended = RoutingRetired(ends_at=NOW, reason="By hand from now on.")
        given_routing(is_set).when(retire).then(ended)
        given_routing().when(retire).then_refused("unknown-routing")

    def test_there_is_one_route_for_a_service_and_category(self):
        route = {"category": "network", "group": NETWORK}
        given_routing().when(set_(routing(route, route))).then_refused(
            "route-repeated", field="routes.1"
        )

    @pytest.mark.parametrize(
        ("standing", "code", "field"),
        [
            ([NETWORK], "unknown-service", "routes.0.service"),
            ([BOOKING], "unknown-group", "routes.0.group"),
        ],
    )
    def test_it_names_what_is_there(self, standing, code, field):
        table = routing({"service": BOOKING, "group": NETWORK})
        given_routing().when(set_(table, standing)).then_refused(code, field=field)

    def test_its_history_reads_in_plain_words(self):
        table = routing({"group": NETWORK})
        told = RoutingSet(version=1, effective_from=NOW, definition=table).in_words()
        assert told == ("Version 1, in force from 2026-03-02 10:00:00 UTC: “Ours” with 1 route")
