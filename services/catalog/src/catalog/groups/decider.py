"""The rules for groups."""

from catalog.definitions.deciding import defining_decider
from catalog.groups.events import GroupRedefined, GroupRegistered, GroupRetired
from catalog.groups.terms import GroupDefinition
from deskstream.decider import Refusal


def _led_from_outside(group: GroupDefinition) -> Refusal | None:
    for field, person in (("lead", group.lead), ("on_call", group.on_call)):
        if person is not None and person not in group.members:
            detail = f"{person} is no member; name one of the members, or make this one a member."
            return Refusal("not-a-member", detail, field)
    return None


DECIDER = defining_decider(
    "group",
    GroupRegistered,
    GroupRedefined,
    GroupRetired,
    fixed=("key",),
    objection=_led_from_outside,
)
