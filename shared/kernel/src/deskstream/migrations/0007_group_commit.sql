-- As append_events, which the former release calls, with any number of answers: those of the
-- requests that commit together.
CREATE FUNCTION append_together(
    streams text[], bases integer[], versions integer[], types text[], facts text[],
    origins text[], causations text[], policies text[], times timestamptz[],
    keys bytea[], fingerprints bytea[], statuses smallint[], headers text[], bodies text[]
) RETURNS TABLE (at_position bigint, happened timestamptz, stored timestamptz)
LANGUAGE plpgsql VOLATILE ROWS 10 AS $$
#variable_conflict use_column
DECLARE
    mark timestamptz;
    kept integer;
    patience text := current_setting('lock_timeout');
BEGIN
    LOCK TABLE events IN ROW EXCLUSIVE MODE;
    mark := (SELECT greatest(clock_timestamp(), t + interval '1 microsecond') FROM relay);
    IF cardinality(keys) > 0 THEN
        PERFORM set_config('lock_timeout', '250ms', true);
        INSERT INTO answers AS a (key, fingerprint, status, headers, body)
        SELECT n.key, n.fingerprint, n.status, n.headers::json, n.body
        FROM unnest(keys, fingerprints, statuses, append_together.headers, bodies)
            AS n (key, fingerprint, status, headers, body)
        ORDER BY n.key
        ON CONFLICT (key) DO UPDATE
            SET fingerprint = excluded.fingerprint, status = excluded.status,
                headers = excluded.headers, body = excluded.body,
                answered_at = excluded.answered_at
            WHERE a.answered_at < clock_timestamp() - interval '24 hours';
        GET DIAGNOSTICS kept = ROW_COUNT;
        IF kept < cardinality(keys) THEN
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
