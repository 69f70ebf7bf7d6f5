-- Every frontier that an import announced. They come every few seconds, so a consumer that is
-- further behind than that never knows all from before the newest; it goes by the newest whose
-- announcement it has come past.
CREATE TABLE frontiers (
    name        text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    frontier    timestamptz NOT NULL,
    PRIMARY KEY (name, recorded_at)
);
INSERT INTO frontiers SELECT name, recorded_at, frontier FROM sources WHERE frontier > '-infinity';

CREATE OR REPLACE FUNCTION source_told(source text, until timestamptz, at timestamptz, over boolean)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO sources AS s (name, frontier, recorded_at, ended)
    VALUES (source, coalesce(until, '-infinity'), at, over)
    ON CONFLICT (name) DO UPDATE SET frontier = greatest(s.frontier, excluded.frontier),
        recorded_at = greatest(s.recorded_at, excluded.recorded_at),
        ended = s.ended OR excluded.ended;
    INSERT INTO frontiers SELECT source, at, until WHERE until IS NOT NULL ON CONFLICT DO NOTHING;
$$;

CREATE OR REPLACE FUNCTION source_times(basis text, until timestamptz)
RETURNS TABLE (source text, due_until timestamptz) LANGUAGE sql STABLE ROWS 2 AS $$
    SELECT 'live', until
    UNION ALL
    SELECT name, until FROM sources WHERE ended AND recorded_at <= until
    UNION ALL
    SELECT s.name, least(known.frontier, until) FROM sources s CROSS JOIN LATERAL (
        SELECT f.frontier FROM frontiers f WHERE f.name = s.name AND f.recorded_at <= until
        ORDER BY f.recorded_at DESC LIMIT 1
    ) known WHERE basis = 'frontier' AND NOT (s.ended AND s.recorded_at <= until)
$$;
