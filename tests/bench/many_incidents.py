"""Two hundred thousand incidents of three years in the tables that lists read, as a desk has them.

The rows are made without their events, and in the database: what is measured is how they are
found. They are the same each time.
"""

from datetime import UTC, datetime
from typing import Final

from deskstream.database import Connection

MANY: Final = 200_000
NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
TABLES: Final = ("incidents", "incident_words")

# A number of [0, 1) that a row has for each purpose; and names of which few are frequent.
CHANCE: Final = """
CREATE FUNCTION pg_temp.chance(nth bigint, purpose bigint) RETURNS float8 IMMUTABLE LANGUAGE sql
RETURN (hashint8extended(nth, purpose) & 1073741823) / 1073741824.0;
CREATE FUNCTION pg_temp.one_of(many int, nth bigint, purpose bigint) RETURNS int IMMUTABLE
LANGUAGE sql RETURN floor(many * power(pg_temp.chance(nth, purpose), 2.5))::int;
"""
# Nearly all that are older than a week are over; those over for a week are closed.
LIVES: Final = """
CREATE TEMP TABLE lives AS
WITH begun AS (
    SELECT nth, pg_temp.chance(nth, 1) AS luck, pg_temp.chance(nth, 2) AS pace,
        $1::timestamptz - interval '1095 days' * (1 - nth::float8 / $2)
        - CASE WHEN pg_temp.chance(nth, 3) < 0.02 THEN interval '400 days' * pg_temp.chance(nth, 4)
            ELSE interval '0' END AS opened_at
    FROM generate_series(1, $2) AS nth
), aged AS (
    SELECT *, $1 - opened_at AS age,
        luck < CASE WHEN $1 - opened_at < interval '10 days' THEN 0.5 ELSE 0.01 END AS is_open
    FROM begun
), ended AS (
    SELECT *, CASE WHEN NOT is_open AND luck < 0.98
        THEN opened_at + pace * least(age, interval '6 days') END AS resolved_at
    FROM aged
)
SELECT nth, opened_at, resolved_at, is_open,
    'INC' || lpad(nth::text, 7, '0') AS number,
    'caller-' || pg_temp.one_of(5000, nth, 5) AS caller,
    CASE WHEN pg_temp.chance(nth, 6) >= 0.02
        THEN 'group-' || pg_temp.one_of(30, nth, 7) END AS held_by,
    overlay(md5(nth::text)::uuid::text
        PLACING to_hex((extract(epoch FROM opened_at) * 1000)::bigint >> 16) FROM 1 FOR 8) AS id,
    least($1, coalesce(resolved_at, opened_at) + interval '7 days' * pace) AS updated_at,
    CASE WHEN is_open
            THEN (ARRAY['new', 'in_progress', 'in_progress', 'on_hold'])[1 + floor(4 * pace)::int]
        WHEN resolved_at IS NULL THEN 'cancelled'
        WHEN $1 - resolved_at < interval '7 days' THEN 'resolved'
        ELSE 'closed' END AS status
FROM ended
"""
# What people say again and again: sentences of eight words of three syllables.
SAYINGS: Final = """
CREATE TEMP TABLE sayings AS
SELECT which, string_agg(syllables[1 + word / 400] || syllables[1 + word / 20 % 20]
    || syllables[1 + word % 20], ' ' ORDER BY place) AS saying
FROM (
    SELECT which, place, pg_temp.one_of(8000, which, 100 + place) AS word, string_to_array(
        'ba con du fer gi hol ja kon lim mor net op pra qui ros tel und vox wir zan', ' '
    ) AS syllables
    FROM generate_series(0, 19999) AS which, generate_series(1, 8) AS place
) AS made GROUP BY which
"""
SPOKEN: Final = """
CREATE TEMP TABLE spoken AS
SELECT nth, heading.saying AS title, concat_ws(' ', one.saying, two.saying, three.saying) AS told,
    note.saying AS noted
FROM lives
JOIN sayings heading ON heading.which = floor(20000 * pg_temp.chance(nth, 31))
JOIN sayings one ON one.which = floor(20000 * pg_temp.chance(nth, 32))
JOIN sayings two ON two.which = floor(20000 * pg_temp.chance(nth, 33))
JOIN sayings three ON three.which = floor(20000 * pg_temp.chance(nth, 34))
JOIN sayings note ON note.which = floor(20000 * pg_temp.chance(nth, 35))
"""
ROWS: Final = """
INSERT INTO incidents (stream, number, title, caller, service, category, channel, impact, urgency,
    priority, status, hold_reason, person, opened_at, updated_at, resolved_at, warned, breaches,
    organisation, people, held_by, restricted, due_at, at_risk, been_with, parent, major)
SELECT 'incident-' || id, number, title, caller,
    CASE WHEN pg_temp.chance(nth, 8) < 0.9 THEN 'service-' || pg_temp.one_of(60, nth, 9) END,
    'category-' || pg_temp.one_of(40, nth, 10),
    (ARRAY['self_service', 'email', 'phone'])[1 + pg_temp.one_of(3, nth, 11)],
    (ARRAY['low', 'medium', 'high'])[1 + pg_temp.one_of(3, nth, 12)],
    (ARRAY['low', 'medium', 'high'])[1 + pg_temp.one_of(3, nth, 13)],
    (ARRAY[3, 3, 3, 4, 4, 4, 5, 2, 2, 1])[1 + pg_temp.one_of(10, nth, 14)],
    status,
    CASE WHEN status = 'on_hold' THEN (ARRAY['awaiting_caller', 'awaiting_change',
        'awaiting_problem', 'awaiting_supplier', 'other'])[1 + pg_temp.one_of(5, nth, 15)] END,
    CASE WHEN pg_temp.chance(nth, 16) < 0.8 AND held_by IS NOT NULL
        THEN 'agent-' || pg_temp.one_of(300, nth, 17) END,
    opened_at, updated_at, resolved_at,
    pg_temp.chance(nth, 18) < 0.1,
    CASE WHEN pg_temp.chance(nth, 18) < 0.07 THEN ARRAY['resolution:1'] ELSE '{}' END,
    CASE WHEN pg_temp.chance(nth, 19) < 0.97 THEN 'customer-' || pg_temp.one_of(200, nth, 20) END,
    CASE WHEN pg_temp.chance(nth, 21) < 0.05
        THEN ARRAY[caller, 'caller-' || pg_temp.one_of(5000, nth, 22)] ELSE ARRAY[caller] END,
    held_by,
    pg_temp.chance(nth, 23) < 0.01,
    CASE WHEN is_open THEN opened_at + interval '12 days' * pg_temp.chance(nth, 24) END,
    is_open AND pg_temp.chance(nth, 25) < 0.1,
    CASE WHEN held_by IS NULL THEN '{}' ELSE ARRAY[held_by] END,
    CASE WHEN pg_temp.chance(nth, 26) < 0.01 AND nth > 50
        THEN 'INC' || lpad((nth - nth % 50)::text, 7, '0') END,
    CASE WHEN pg_temp.chance(nth, 27) < 0.002
        THEN CASE WHEN is_open THEN 'declared' ELSE 'reviewed' END END
FROM lives JOIN spoken USING (nth) ORDER BY nth
"""
SEARCHED: Final = """
INSERT INTO incident_words (stream, words, inner_words)
SELECT 'incident-' || id, to_tsvector('simple', said), to_tsvector('simple', said || ' ' || noted)
FROM (
    SELECT nth, id, noted, concat_ws(' ', number, title, caller, told) AS said
    FROM lives JOIN spoken USING (nth)
) AS written ORDER BY nth
"""
APART: Final = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made_by
FROM pg_index WHERE indrelid = ANY($1::text[]::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


async def fill(connection: Connection, count: int = MANY) -> None:
    """Put so many incidents, with their words, into the tables of an incident service."""
    indexes = await connection.fetch(APART, TABLES)
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    await connection.execute(f"SET jit = off; {CHANCE}")
    await connection.execute(LIVES, NOW, count)
    for statement in (SAYINGS, "ANALYZE sayings", SPOKEN, ROWS, SEARCHED):
        await connection.execute(statement)
    await connection.execute("DROP TABLE lives, sayings, spoken")
    for index in indexes:
        await connection.execute(index["made_by"])
    for table in TABLES:
        await connection.execute(f"VACUUM ANALYZE {table}")
