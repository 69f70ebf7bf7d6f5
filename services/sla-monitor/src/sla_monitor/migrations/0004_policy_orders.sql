-- Orders by which policies are applied to open tickets; their list, and how far the work is.
CREATE TABLE policy_orders (
    stream       text PRIMARY KEY,
    kind         text        NOT NULL,
    policy       text        NOT NULL,
    rebase       text,
    because      text        NOT NULL,
    status       text        NOT NULL,
    proposed_by  text        NOT NULL,
    proposed_at  timestamptz NOT NULL,
    cause        text        NOT NULL,
    correlation  text        NOT NULL,
    tally        json
);
CREATE INDEX policy_orders_by_time ON policy_orders (proposed_at, stream);
CREATE INDEX policy_orders_by_policy ON policy_orders (policy, proposed_at);
CREATE INDEX policy_orders_to_do ON policy_orders (proposed_at)
    WHERE status IN ('previewing', 'running');

CREATE TABLE policy_order_work (
    policy_order text NOT NULL,
    status       text NOT NULL,
    after        text NOT NULL DEFAULT '',
    tally        json NOT NULL,
    PRIMARY KEY (policy_order, status)
);

-- The clocks that an order would change, as its preview found them.
CREATE TABLE policy_order_clocks (
    stream       text PRIMARY KEY,
    policy_order text        NOT NULL,
    clocks       text        NOT NULL,
    ticket       text        NOT NULL,
    number       text        NOT NULL,
    target       text        NOT NULL,
    effect       text        NOT NULL,
    was_due_at   timestamptz,
    due_at       timestamptz,
    agreement    text,
    agreement_version integer,
    organisation text,
    people       text[]      NOT NULL,
    held_by      text,
    restricted   boolean     NOT NULL
);
CREATE INDEX policy_order_clocks_by_number ON policy_order_clocks (policy_order, number, stream);
CREATE INDEX policy_order_clocks_by_effect ON policy_order_clocks (policy_order, effect);
CREATE INDEX tickets_under_way ON tickets (stream) WHERE standing IN ('working', 'waiting');
