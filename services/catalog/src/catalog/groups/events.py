"""What can happen to a group."""

from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from catalog.groups.terms import GroupDefinition
from deskstream.codec import Codec


class GroupRegistered(DefiningFact[GroupDefinition], stored="group.registered.v1"):
    """A group was formed."""

    opening = "Registered"


class GroupRedefined(DefiningFact[GroupDefinition], stored="group.redefined.v1"):
    """A group has another name, other members, lead, hours or person on call."""


class GroupRetired(EndingFact, stored="group.retired.v1"):
    """A group was dissolved."""


GroupFact = GroupRegistered | GroupRedefined | GroupRetired

CODEC: Codec[DefinitionFact] = Codec.of(GroupFact)
