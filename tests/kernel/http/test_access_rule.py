import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskstream.access import (
    Holding,
    Principal,
    may_see,
    sees_internal,
    visible_rows,
)
from deskstream.decider import Role
from deskstream.settings import LOCAL_ISSUER, Settings

NAMES = ["ann", "bea", "cid"]
ORGANISATIONS = [None, "acme", "bolt"]
GROUPS = ["network", "security"]
SCOPES = ["read", "stream", "import", "restricted", "metrics"]

principals = st.builds(
    Principal,
    name=st.sampled_from(NAMES),
    role=st.sampled_from(list(Role)),
    expires_at=st.just(0.0),
    organisation=st.sampled_from(ORGANISATIONS),
    groups=st.frozensets(st.sampled_from(GROUPS)),
    scopes=st.frozensets(st.sampled_from(SCOPES)),
)
holdings = st.builds(
    Holding,
    organisation=st.sampled_from(ORGANISATIONS),
    people=st.frozensets(st.sampled_from(NAMES)),
    group=st.sampled_from([None, *GROUPS]),
    restricted=st.booleans(),
)
ROWS = """
SELECT r.nth FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) WITH ORDINALITY
    AS t (organisation, people, held_by, restricted, nth)
CROSS JOIN LATERAL (
    SELECT t.organisation, t.people::text[] AS people, t.held_by, t.restricted, t.nth
) r
WHERE {rule} ORDER BY r.nth
"""


@pytest.fixture(scope="module")
async def connection(dsn):
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(principal=principals, tickets=st.lists(holdings, min_size=1, max_size=12))
async def test_the_rule_is_the_same_in_python_and_in_sql(connection, principal, tickets):
    rule, arguments = visible_rows(principal, "r", 5)
    columns = [
        [ticket.organisation for ticket in tickets],
        ["{" + ",".join(sorted(ticket.people)) + "}" for ticket in tickets],
        [ticket.group for ticket in tickets],
        [ticket.restricted for ticket in tickets],
    ]
    rows = await connection.fetch(ROWS.format(rule=rule), *columns, *arguments)
    seen = [tickets[row["nth"] - 1] for row in rows]
    assert seen == [ticket for ticket in tickets if may_see(principal, ticket)]


def who(role, name="ann", **more):
    return Principal(name=name, role=Role(role), expires_at=0.0, **more)


PLAIN = Holding("acme", frozenset({"ann"}), "network", restricted=False)
SECRET = Holding("acme", frozenset({"ann"}), "security", restricted=True)


@pytest.mark.parametrize(
    ("principal", "plain", "secret"),
    [
        (who("requester"), True, True),
        (who("requester", "bea", organisation="acme"), False, False),
        (who("customer", "bea", organisation="acme"), True, False),
        (who("customer", "bea", organisation="bolt"), False, False),
        (who("customer", "bea"), False, False),
        (who("agent", "bea"), True, False),
        (who("agent", "bea", groups=frozenset({"security"})), True, True),
        (who("lead", "bea"), True, False),
        (who("owner", "bea"), True, False),
        (who("auditor", "bea"), True, True),
        (who("service"), False, False),
        (who("service", scopes=frozenset({"metrics"})), False, False),
        (who("service", scopes=frozenset({"stream"})), True, False),
        (who("service", scopes=frozenset({"read", "restricted"})), True, True),
    ],
)
def test_who_sees_what(principal, plain, secret):
    assert may_see(principal, PLAIN) is plain
    assert may_see(principal, SECRET) is secret


def test_who_sees_internal_facts():
    assert [role for role in Role if not sees_internal(who(role))] == ["requester", "customer"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_the_local_issuer_is_for_loopback(host):
    assert Settings(issuer=LOCAL_ISSUER, host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", ""])  # noqa: S104  all that is not loopback
def test_the_local_issuer_is_refused_elsewhere(host):
    with pytest.raises(ValueError, match="for this machine alone"):
        Settings(issuer=LOCAL_ISSUER, host=host)
    Settings(issuer="https://login.example.org", host=host)
