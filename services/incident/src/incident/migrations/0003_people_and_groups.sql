-- Local copies of who there is, version by version, and of which group gets which tickets.
CREATE TABLE people (
    id             text        NOT NULL,
    version        integer     NOT NULL,
    effective_from timestamptz NOT NULL,
    ends_at        timestamptz,
    name           text        NOT NULL,
    login          text,
    organisation   text        NOT NULL,
    manager        text,
    vip            boolean     NOT NULL,
    language       text,
    PRIMARY KEY (id, version)
);
CREATE INDEX people_by_login ON people (login);

CREATE TABLE groups (
    id             text        NOT NULL,
    version        integer     NOT NULL,
    effective_from timestamptz NOT NULL,
    ends_at        timestamptz,
    name           text        NOT NULL,
    key            text        NOT NULL,
    members        text[]      NOT NULL,
    lead           text,
    on_call        text,
    PRIMARY KEY (id, version)
);
CREATE INDEX groups_by_key ON groups (key);

CREATE TABLE routings (
    version        integer     PRIMARY KEY,
    effective_from timestamptz NOT NULL,
    routes         json        NOT NULL
);
