-- Who looked into a restricted ticket by right of office rather than because it is theirs.
CREATE TABLE restricted_reads (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reader      text        NOT NULL,
    stream      text        NOT NULL,
    channel     text        NOT NULL,
    correlation text        NOT NULL,
    read_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX restricted_reads_by_stream ON restricted_reads (stream, read_at);
