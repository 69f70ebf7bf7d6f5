-- The number of its parent, if it is handled through one.
ALTER TABLE incidents ADD COLUMN parent text;
CREATE INDEX incidents_by_parent ON incidents (parent, stream) WHERE parent IS NOT NULL;

-- Children to be resolved with their parents: how far that has come, by the resolution's event.
CREATE TABLE resolved_parents (
    cause      text        PRIMARY KEY,
    stream     text        NOT NULL,
    version    integer     NOT NULL,
    come_to    text        NOT NULL DEFAULT '',
    left_out   text[]      NOT NULL DEFAULT '{}',
    noticed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at    timestamptz
);
CREATE INDEX resolved_parents_open ON resolved_parents (noticed_at, cause) WHERE done_at IS NULL;
