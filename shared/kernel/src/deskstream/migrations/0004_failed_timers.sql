-- A timer that cannot be run is set aside with its error and tried again later, so that no other
-- waits for it. `partition` now holds the whole hash of the stream that a timer depends on; a number
-- of partitions divides it only when it is asked for, and who reads the topic knows that number.
ALTER TABLE timers ADD COLUMN failed text, ADD COLUMN again_at timestamptz;
-- Where the table was once rebuilt, the index has the name that PostgreSQL gave it.
DROP INDEX IF EXISTS timers_due, timers_basis_partition_due_at_idx;
CREATE INDEX timers_by_due ON timers (basis, due_at);
CREATE INDEX timers_failed ON timers (due_at) WHERE failed IS NOT NULL;
