"""An agreement that can be made, and what there is around it."""

from datetime import UTC, datetime
from uuid import UUID

from catalog.agreements.commands import Agree, Amend
from catalog.agreements.decider import DECIDER
from catalog.agreements.terms import AgreementDefinition, CalendarInForce, Surroundings
from catalog.terms import WorkingTime
from deskstream.decider import Actor, Occasion, Role
from deskstream_testing.deciders import DeciderSpecification

LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
YEAR_AFTER = datetime(2028, 1, 1, tzinfo=UTC)
BY_THE_OWNER = Occasion(Actor("Olga", Role.OWNER), NOW)
given = DeciderSpecification(DECIDER, usual=BY_THE_OWNER).given
AFTER_NEW_YEAR = Occasion(Actor("Olga", Role.OWNER), YEAR_AFTER)

HARBOUR, BOOKING = UUID(int=1), UUID(int=2)
OFFICE_HOURS, ONE_DAY_ONLY, NOT_YET, NOWHERE = (UUID(int=number) for number in range(11, 15))
NETWORK, ACME, RETIRED = UUID(int=21), UUID(int=22), UUID(int=23)

OFFICE = WorkingTime(timezone="Europe/Berlin", hours={"mon": (("09:00", "17:00"),)})
SINGLE_DAY = WorkingTime(timezone="UTC", hours={}, overrides={"2026-06-01": (("09:00", "17:00"),)})
SURROUNDINGS = Surroundings(
    calendars={
        OFFICE_HOURS: CalendarInForce("Office hours", OFFICE, LAST_YEAR),
        ONE_DAY_ONLY: CalendarInForce("One day in June", SINGLE_DAY, LAST_YEAR),
        NOT_YET: CalendarInForce("From next year", OFFICE, NEW_YEAR),
    },
    standing={HARBOUR, BOOKING, NETWORK, ACME, OFFICE_HOURS, ONE_DAY_ONLY, NOT_YET},
    suppliers={ACME},
)

URGENT = {"ticket_type": "incident", "priority": 1, "seconds": {"resolution": 14_400}}
GOLD = {
    "name": "Booking, gold",
    "kind": "sla",
    "customer": HARBOUR,
    "service": BOOKING,
    "valid_from": NOW,
    "calendar": OFFICE_HOURS,
    "targets": [URGENT],
    "pauses_on": ["awaiting_caller"],
    "warn_at": ["0.5", "0.75"],
}


def gold(**changes):
    return AgreementDefinition.model_validate({**GOLD, **changes})


def urgent(**changes):
    return gold(targets=[{**URGENT, **changes}])


def agree(definition, surroundings=SURROUNDINGS):
    return Agree(definition=definition, surroundings=surroundings)


def amend(definition, effective_from=None, surroundings=SURROUNDINGS):
    return Amend(definition=definition, surroundings=surroundings, effective_from=effective_from)
