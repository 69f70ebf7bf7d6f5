-- Every breach that stands, as target:cycle, instead of whether there was one of late.
ALTER TABLE incidents ADD COLUMN breaches text[] NOT NULL DEFAULT '{}';
UPDATE incidents i SET breaches = standing.breaches FROM (
    SELECT stream, array_agg(breach) AS breaches FROM (
        SELECT DISTINCT ON (stream, breach) stream, type, breach FROM (
            SELECT stream, version, type, (data ->> 'target') || ':' || (data ->> 'cycle') AS breach
            FROM events WHERE type IN (
                'incident.service_level_breached.v1', 'incident.service_level_breach_corrected.v1'
            )
        ) AS told ORDER BY stream, breach, version DESC
    ) AS latest WHERE type = 'incident.service_level_breached.v1' GROUP BY stream
) AS standing WHERE i.stream = standing.stream;

-- Every version of a service or organisation: its parent is that of the version in force.
CREATE TABLE known_versions (
    kind           text        NOT NULL,
    id             text        NOT NULL,
    version        integer     NOT NULL,
    effective_from timestamptz NOT NULL,
    name           text        NOT NULL,
    parent         text,
    PRIMARY KEY (kind, id, version)
);
INSERT INTO known_versions SELECT kind, id, 0, '-infinity', name, parent FROM known;
