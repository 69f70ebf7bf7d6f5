-- Where events come from besides `live`: the imports of histories that another tool kept. Up to its
-- frontier everything of a source was told; the event that said so was recorded at `recorded_at`.
CREATE TABLE sources (
    name        text        PRIMARY KEY,
    frontier    timestamptz NOT NULL DEFAULT '-infinity',
    recorded_at timestamptz NOT NULL DEFAULT '-infinity',
    ended       boolean     NOT NULL DEFAULT false
);

-- Take in what an event of an import said of its source: a later frontier, or its end.
CREATE FUNCTION source_told(source text, until timestamptz, at timestamptz, over boolean)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO sources AS s (name, frontier, recorded_at, ended)
    VALUES (source, coalesce(until, '-infinity'), at, over)
    ON CONFLICT (name) DO UPDATE SET frontier = greatest(s.frontier, excluded.frontier),
        recorded_at = greatest(s.recorded_at, excluded.recorded_at),
        ended = s.ended OR excluded.ended
$$;

-- A timer waits for the time of the source of the event that set it.
ALTER TABLE timers ADD COLUMN source text NOT NULL DEFAULT 'live';
DROP INDEX IF EXISTS timers_by_due, timers_basis_due_at_idx;
CREATE INDEX timers_by_due ON timers (basis, source, due_at);

-- Up to which time timers are due, by their source, when that of `live` is `until`. The clock on
-- the wall says nothing of a history, so only the frontier moves it, and only once everything that
-- was recorded before the frontier was announced is known here. After its end it is as `live`.
CREATE FUNCTION source_times(basis text, until timestamptz)
RETURNS TABLE (source text, due_until timestamptz) LANGUAGE sql STABLE ROWS 2 AS $$
    SELECT 'live', until
    UNION ALL
    SELECT name, CASE WHEN ended THEN until ELSE least(frontier, until) END FROM sources
    WHERE recorded_at <= until AND (ended OR basis = 'frontier')
$$;
