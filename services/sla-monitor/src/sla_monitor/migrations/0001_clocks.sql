-- Local copies of the catalogue's policies: every version with its whole definition.
CREATE TABLE policies (
    kind           text        NOT NULL,
    id             text        NOT NULL,
    version        integer     NOT NULL,
    effective_from timestamptz NOT NULL,
    definition     json        NOT NULL,
    PRIMARY KEY (kind, id, version)
);
CREATE TABLE terminations (
    agreement text PRIMARY KEY,
    ends_at   timestamptz NOT NULL
);

-- The tickets that are followed; `stream` is that of their clocks.
CREATE TABLE tickets (
    stream       text PRIMARY KEY,
    ticket       text    NOT NULL,
    number       text    NOT NULL,
    kind         text    NOT NULL,
    priority     integer NOT NULL,
    service      text,
    uncovered    text,
    organisation text,
    people       text[]  NOT NULL,
    held_by      text,
    restricted   boolean NOT NULL
);
CREATE INDEX tickets_by_ticket ON tickets (ticket);
CREATE INDEX tickets_uncovered ON tickets (stream) WHERE uncovered IS NOT NULL;

-- The present cycle of every clock. `stream` is "<stream of the ticket's clocks>/<target>".
CREATE TABLE clocks (
    stream          text PRIMARY KEY,
    clocks          text        NOT NULL,
    ticket          text        NOT NULL,
    number          text        NOT NULL,
    target          text        NOT NULL,
    cycle           integer     NOT NULL,
    phase           text        NOT NULL,
    priority        integer     NOT NULL,
    service         text,
    agreement       text        NOT NULL,
    seconds         integer     NOT NULL,
    started_at      timestamptz NOT NULL,
    due_at          timestamptz,
    due_or_never    timestamptz NOT NULL
        GENERATED ALWAYS AS (coalesce(due_at, 'infinity'::timestamptz)) STORED,
    warned          numeric,
    suspected       boolean     NOT NULL DEFAULT false,
    breached_at     timestamptz,
    stopped_at      timestamptz,
    elapsed_seconds double precision,
    met             boolean,
    organisation    text,
    people          text[]      NOT NULL,
    held_by         text,
    restricted      boolean     NOT NULL
);
CREATE INDEX clocks_by_due ON clocks (phase, due_or_never, stream);
CREATE INDEX clocks_by_ticket ON clocks (clocks);
CREATE INDEX clocks_by_number ON clocks (number);
CREATE INDEX clocks_by_organisation ON clocks (organisation, due_or_never);
CREATE INDEX clocks_by_service ON clocks (service, due_or_never);
CREATE INDEX clocks_by_holder ON clocks (held_by, due_or_never);
CREATE INDEX clocks_by_people ON clocks USING gin (people);
