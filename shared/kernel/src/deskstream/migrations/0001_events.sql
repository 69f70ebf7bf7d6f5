-- The record. `position` orders it (see the feed's barrier), `data` stays the very text that was
-- written, so that it can come home from Kafka byte for byte.
CREATE TABLE events (
    position    bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    stream      text        NOT NULL,
    version     integer     NOT NULL CHECK (version > 0),
    type        text        NOT NULL,
    data        json        NOT NULL,
    origin      json        NOT NULL,
    causation   text,
    policy      text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    UNIQUE (stream, version)
);

-- A policy acts once on one cause and one target, however often it is told.
CREATE UNIQUE INDEX events_policy_acts_once ON events (causation, policy, stream)
    WHERE policy IS NOT NULL;
CREATE INDEX events_by_correlation ON events ((origin ->> 'correlation'));

-- One row: the watermark, and how far the feed is settled and published.
CREATE TABLE relay (
    one_row       boolean     PRIMARY KEY DEFAULT true CHECK (one_row),
    t             timestamptz NOT NULL DEFAULT '-infinity',
    safe_position bigint      NOT NULL DEFAULT 0,
    published     bigint      NOT NULL DEFAULT 0
);
INSERT INTO relay DEFAULT VALUES;

-- Which database this is, so that a restored or copied one is noticed before it writes.
CREATE TABLE incarnation (
    one_row           boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    id                uuid    NOT NULL DEFAULT gen_random_uuid(),
    system_identifier bigint  NOT NULL,
    timeline_id       integer NOT NULL
);
INSERT INTO incarnation (system_identifier, timeline_id)
SELECT s.system_identifier, c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c;

-- One owner at a time for what must not run twice. A new owner raises `epoch`, which fences the
-- former one; `beat` moves while the owner lives.
CREATE TABLE leases (
    name  text   PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 0,
    beat  bigint NOT NULL DEFAULT 0
);

-- What was answered under an Idempotency-Key.
CREATE TABLE answers (
    key         bytea       PRIMARY KEY,
    fingerprint bytea       NOT NULL,
    status      smallint    NOT NULL,
    headers     json        NOT NULL,
    body        text        NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX answers_by_age ON answers (answered_at);

-- Appends in one round trip. The lock comes before the time and the positions are drawn, and it
-- outlives the commit: that is what the relay's barrier and watermark stand on.
CREATE FUNCTION append_events(
    streams text[], bases integer[], versions integer[], types text[], facts text[],
    origins text[], causations text[], policies text[], times timestamptz[],
    answer_key bytea, fingerprint bytea, status smallint, headers text, body text
) RETURNS TABLE (at_position bigint, happened timestamptz, stored timestamptz)
LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    mark timestamptz;
    patience text := current_setting('lock_timeout');
BEGIN
    LOCK TABLE events IN ROW EXCLUSIVE MODE;
    mark := (SELECT greatest(clock_timestamp(), t + interval '1 microsecond') FROM relay);
    IF answer_key IS NOT NULL THEN
        PERFORM set_config('lock_timeout', '250ms', true);
        INSERT INTO answers AS a (key, fingerprint, status, headers, body)
        VALUES (answer_key, append_events.fingerprint, append_events.status,
                append_events.headers::json, append_events.body)
        ON CONFLICT (key) DO UPDATE
            SET fingerprint = excluded.fingerprint, status = excluded.status,
                headers = excluded.headers, body = excluded.body,
                answered_at = excluded.answered_at
            WHERE a.answered_at < clock_timestamp() - interval '24 hours';
        IF NOT FOUND THEN
            RAISE unique_violation USING CONSTRAINT = 'answers_pkey',
                MESSAGE = 'answered before under this key';
        END IF;
        PERFORM set_config('lock_timeout', patience, true);
    END IF;
    FOR n IN 1 .. cardinality(streams) LOOP
        stored := mark;
        IF bases[n] > 0 THEN
            SELECT greatest(mark, e.recorded_at) INTO stored FROM events e
            WHERE e.stream = streams[n] AND e.version = bases[n];
            IF NOT FOUND THEN
                RAISE unique_violation USING CONSTRAINT = 'events_stream_version_key',
                    MESSAGE = streams[n] || ' has not come to version ' || bases[n];
            END IF;
        END IF;
        happened := coalesce(times[n], stored);
        INSERT INTO events (stream, version, type, data, origin, causation, policy, occurred_at,
                            recorded_at)
        VALUES (streams[n], versions[n], types[n], facts[n]::json, origins[n]::json,
                causations[n], policies[n], happened, stored)
        RETURNING position INTO at_position;
        RETURN NEXT;
    END LOOP;
END
$$;
