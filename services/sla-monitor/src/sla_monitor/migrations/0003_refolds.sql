-- Policies that became known and reach back to tickets for which something was chosen before: where
-- in the order of `tickets_by_choice` the work has come to.
CREATE TABLE refolds (
    cause       text PRIMARY KEY,
    because     text        NOT NULL,
    correlation text        NOT NULL,
    chosen_at   timestamptz NOT NULL,
    stream      text        NOT NULL DEFAULT '',
    noticed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at     timestamptz
);
CREATE INDEX refolds_to_do ON refolds (noticed_at) WHERE done_at IS NULL;
