-- What reports and filters ask of a clock. A cycle after the first has a row of its own:
-- "<stream of the ticket's clocks>/<target>/<cycle>".
ALTER TABLE clocks
    ADD COLUMN kind              text    NOT NULL DEFAULT 'incident',
    ADD COLUMN source            text    NOT NULL DEFAULT 'live',
    ADD COLUMN agreement_version integer NOT NULL DEFAULT 1,
    ADD COLUMN calendar          text,
    ADD COLUMN ended_at          timestamptz,
    ADD COLUMN late_by_seconds   double precision,
    ADD COLUMN would_be_met      boolean;
CREATE INDEX clocks_by_target ON clocks (target, due_or_never, stream);
CREATE INDEX clocks_by_priority ON clocks (priority, due_or_never, stream);
CREATE INDEX clocks_by_agreement ON clocks (agreement, due_or_never, stream);
CREATE INDEX clocks_by_calendar ON clocks (calendar, stream) WHERE phase IN ('running', 'paused');
CREATE INDEX clocks_at_risk ON clocks (due_or_never, stream)
    WHERE warned IS NOT NULL AND breached_at IS NULL AND phase IN ('running', 'paused');
CREATE INDEX clocks_breached ON clocks (due_or_never, stream) WHERE breached_at IS NOT NULL;
CREATE INDEX clocks_ended ON clocks (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE tickets
    ADD COLUMN source    text NOT NULL DEFAULT 'live',
    ADD COLUMN opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN chosen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN standing  text NOT NULL DEFAULT 'working',
    ADD COLUMN waits_for text,
    ADD COLUMN supplier  text;
CREATE INDEX tickets_uncovered_by_opening ON tickets (opened_at, stream)
    WHERE uncovered IS NOT NULL;
CREATE INDEX tickets_by_number ON tickets (number, stream);
CREATE INDEX tickets_by_choice ON tickets (chosen_at, stream);
CREATE INDEX tickets_by_people ON tickets USING gin (people);
CREATE INDEX tickets_by_organisation ON tickets (organisation, opened_at);

-- Who had to act for a ticket, from when until when: its group, its caller, a supplier.
CREATE TABLE holdings (
    clocks text        NOT NULL,
    since  timestamptz NOT NULL,
    until  timestamptz,
    holder text        NOT NULL,
    name   text
);
CREATE INDEX holdings_of_a_ticket ON holdings (clocks, since);
CREATE INDEX holdings_by_time ON holdings (since, until);
CREATE INDEX holdings_open ON holdings (clocks) WHERE until IS NULL;

-- What the events of a ticket said, as far as clocks care, so that they can be reckoned again.
CREATE TABLE ticket_facts (
    ticket      text        NOT NULL,
    version     integer     NOT NULL,
    type        text        NOT NULL,
    occurred_at timestamptz NOT NULL,
    source      text        NOT NULL,
    data        json        NOT NULL,
    PRIMARY KEY (ticket, version)
);

-- When the catalogue recorded what it set: a choice is explained by what was known then.
ALTER TABLE policies ADD COLUMN recorded_at timestamptz;
ALTER TABLE terminations ADD COLUMN recorded_at timestamptz;
