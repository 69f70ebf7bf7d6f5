CREATE SEQUENCE incident_number;

-- One row an incident: what lists show, filter and count, and what the rule of access looks at.
CREATE TABLE incidents (
    stream       text PRIMARY KEY,
    number       text        NOT NULL UNIQUE,
    title        text        NOT NULL,
    caller       text        NOT NULL,
    service      text,
    category     text,
    channel      text        NOT NULL,
    impact       text        NOT NULL,
    urgency      text        NOT NULL,
    priority     integer     NOT NULL,
    status       text        NOT NULL,
    hold_reason  text,
    person       text,
    opened_at    timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    resolved_at  timestamptz,
    warned       boolean     NOT NULL DEFAULT false,
    breached     boolean     NOT NULL DEFAULT false,
    external     text,
    organisation text,
    people       text[]      NOT NULL,
    held_by      text,
    restricted   boolean     NOT NULL
);
CREATE INDEX incidents_by_opening ON incidents (opened_at, stream);
CREATE INDEX incidents_by_update ON incidents (updated_at, stream);
CREATE INDEX incidents_by_priority ON incidents (priority, stream);
CREATE INDEX incidents_by_status ON incidents (status, opened_at, stream);
CREATE INDEX incidents_by_holder ON incidents (held_by, opened_at, stream);
CREATE INDEX incidents_by_person ON incidents (person, opened_at, stream);
CREATE INDEX incidents_by_caller ON incidents (caller, opened_at, stream);
CREATE INDEX incidents_by_service ON incidents (service, opened_at, stream);
CREATE INDEX incidents_by_organisation ON incidents (organisation, opened_at, stream);
CREATE INDEX incidents_by_people ON incidents USING gin (people);

-- Local copies of what the catalogue sets.
CREATE TABLE priority_matrices (
    customer       text        NOT NULL,
    version        integer     NOT NULL,
    effective_from timestamptz NOT NULL,
    priorities     json        NOT NULL,
    PRIMARY KEY (customer, version)
);
CREATE TABLE known (
    kind   text NOT NULL,
    id     text NOT NULL,
    name   text NOT NULL,
    parent text,
    PRIMARY KEY (kind, id)
);
