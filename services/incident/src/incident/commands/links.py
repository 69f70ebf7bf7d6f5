"""What an incident is connected with."""

from deskstream.decider import ToldAfterwards
from incident.terms import Reference
from incident.terms.related import LinkKind


class LinkIncident(ToldAfterwards):
    """Say what it is connected with, by the number of that; a service, by its id."""

    kind: LinkKind
    to: Reference


class UnlinkIncident(ToldAfterwards):
    """Say that it is not connected after all."""

    kind: LinkKind
    to: Reference


LinkCommand = LinkIncident | UnlinkIncident
