-- How far each group has come. `epoch` fences a former owner of the partition. `halted` says why
-- it must not be read on: a stream's event is missing there. A rewind clears it.
CREATE TABLE progress (
    consumer_group text   NOT NULL,
    topic          text   NOT NULL,
    partition      int    NOT NULL,
    epoch          bigint NOT NULL DEFAULT 0,
    next_offset    bigint NOT NULL DEFAULT 0,
    position       bigint NOT NULL DEFAULT 0,
    incarnation    uuid   NOT NULL DEFAULT gen_random_uuid(),
    halted         text,
    PRIMARY KEY (consumer_group, topic, partition)
);

-- Messages that could not be handled, and those of the same stream that wait behind them.
CREATE TABLE parked (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer_group text        NOT NULL,
    topic          text        NOT NULL,
    partition      int         NOT NULL,
    "offset"       bigint      NOT NULL,
    stream         text        NOT NULL,
    type           text        NOT NULL,
    headers        json        NOT NULL,
    body           bytea       NOT NULL,
    error          text        NOT NULL,
    parked_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (consumer_group, topic, partition, "offset")
);
CREATE INDEX parked_by_stream ON parked (stream);

-- What operators asked of a partition's owner, and what came of it. Rows stay: they are the record.
CREATE TABLE orders (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text        NOT NULL CHECK (kind IN ('retry', 'skip')),
    consumer_group text        NOT NULL,
    topic          text        NOT NULL,
    partition      int         NOT NULL,
    subject        text        NOT NULL,
    ordered_by     text        NOT NULL,
    reason         text        NOT NULL,
    ordered_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at        timestamptz,
    outcome        text
);
CREATE INDEX orders_open ON orders (consumer_group, topic, partition, id) WHERE done_at IS NULL;

-- What is to happen by itself, and when. Rebuilt from the service's own events.
CREATE TABLE timers (
    stream      text        NOT NULL,
    name        text        NOT NULL,
    basis       text        NOT NULL CHECK (basis IN ('database', 'frontier')),
    partition   int         NOT NULL,
    due_at      timestamptz NOT NULL,
    depends     text[]      NOT NULL,
    correlation text        NOT NULL,
    PRIMARY KEY (stream, name)
);
CREATE INDEX timers_due ON timers (basis, partition, due_at);
