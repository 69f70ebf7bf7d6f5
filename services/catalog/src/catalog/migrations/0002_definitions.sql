-- One row for everything that is defined, of whatever kind, in its latest version. It takes the
-- place of the tables of versions, but for calendars, whose earlier versions are looked up.
CREATE TABLE definitions (
    stream         text        PRIMARY KEY,
    kind           text        NOT NULL,
    name           text        NOT NULL,
    version        integer     NOT NULL,
    effective_from timestamptz NOT NULL,
    definition     json        NOT NULL,
    above          uuid,
    handle         text,
    mentions       text[]      NOT NULL,
    retired_from   timestamptz,
    ends_at        timestamptz,
    UNIQUE (kind, handle)
);
CREATE INDEX ON definitions (kind, name, stream);
CREATE INDEX ON definitions USING gin (mentions);

INSERT INTO definitions
SELECT DISTINCT ON (stream) stream, split_part(stream, '-', 1), name, version, effective_from,
    definition, (definition ->> 'parent')::uuid, NULL,
    ARRAY(SELECT DISTINCT found[1] FROM regexp_matches(definition::text,
        '"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"', 'g') AS found),
    terminated_from, ends_at
FROM (
    SELECT *, NULL::timestamptz AS terminated_from, NULL::timestamptz AS ends_at FROM (
        TABLE organisations UNION ALL TABLE services
        UNION ALL TABLE calendars UNION ALL TABLE priority_matrices
    ) AS endless
    UNION ALL TABLE agreements
) AS versions
ORDER BY stream, version DESC;
