"""Who can be responsible for an incident, and where it is routed to."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from deskstream.decider import Refusal
from incident.decider.people import IMPORTER, Who
from incident.decider.state import Incident
from incident.events.triage import IncidentAssigned
from incident.terms import Assigning, Post
from incident.terms.parties import Parties, Route


def unknown(
    group: str | None, person: str | None, parties: Parties, who: Who, at: datetime, field: str
) -> Refusal | None:
    """Why these cannot be responsible; while no group is known here, any name will do.

    An importer tells of groups and people who may be there no longer.
    """
    if IMPORTER in who:
        return None
    if group is None:
        return None if person is None else _PERSON_ALONE
    if not parties.groups:
        return None
    found = parties.group(group, at)
    if found is None:
        return Refusal(
            "no-such-group", f"There is no group {group}; name one of the catalogue's.", field=field
        )
    if person is not None and person not in found.members:
        return Refusal(
            "not-a-member",
            f"{person} is not in {group}; name one of its members, or the group alone.",
            field="person",
        )
    return None


_PERSON_ALONE = Refusal(
    "group-missing", "Name the group in which this person is responsible.", field="group"
)


def holders(
    posts: Sequence[Post], incident: Incident, parties: Parties, at: datetime
) -> Sequence[str]:
    """Who has these places now, each once; of a place that nobody has, nobody."""
    group = parties.group(incident.group, at)
    holds = {
        Post.PERSON: incident.person,
        Post.LEAD: group.lead if group else None,
        Post.MANAGER: group.manager if group else None,
    }
    return [one for one in dict.fromkeys(holds[post] for post in posts) if one is not None]


def routed(
    service: str | None, category: str | None, parties: Parties, at: datetime
) -> IncidentAssigned | None:
    """Where the routing table sends what has this service and category, if anywhere."""
    table = parties.table(at)
    route = best_route(table.routes, service, category) if table else None
    if table is None or route is None or parties.group(route.group, at) is None:
        return None
    return IncidentAssigned(group=route.group, how=Assigning.ROUTED, routing_version=table.version)


def best_route(routes: Iterable[Route], service: str | None, category: str | None) -> Route | None:
    """The one that fits best: by service and category, by service, by category, by neither."""
    fitting = (
        route
        for route in routes
        if route.service in (None, service) and route.category in (None, category)
    )
    return max(
        fitting,
        key=lambda route: (route.service is not None, route.category is not None),
        default=None,
    )
