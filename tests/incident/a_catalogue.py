"""Who there is in the tests: two groups, a VIP, and a table that routes between the groups."""

from an_incident import DAY, MONDAY

from incident.terms.parties import Group, Parties, Route, RoutingTable, Spell

LAST_YEAR = MONDAY - 30 * DAY

MESSAGING = Group(
    since=LAST_YEAR,
    key="messaging",
    members=frozenset({"Dana"}),
    lead="Eve",
    manager="Mara",
    on_call="Frank",
)
NETWORK = Group(since=LAST_YEAR, key="network", members=frozenset({"Gus"}), lead="Gus")
DISSOLVED = Group(since=LAST_YEAR, until=MONDAY, key="mainframe")
ROUTES = (Route("messaging", category="mail"), Route("network"))

KNOWN = Parties(
    groups={one.key: (one,) for one in (MESSAGING, NETWORK, DISSOLVED)},
    vips={"Ben": (Spell(since=LAST_YEAR),)},
    routing=(RoutingTable(since=LAST_YEAR, version=3, routes=ROUTES),),
)
