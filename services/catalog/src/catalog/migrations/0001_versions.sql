-- One row a version, with the whole definition: made of events, and of nothing else.
CREATE TABLE organisations (
    stream         text        NOT NULL,
    version        integer     NOT NULL,
    effective_from timestamptz NOT NULL,
    name           text        NOT NULL,
    definition     json        NOT NULL,
    PRIMARY KEY (stream, version)
);

CREATE TABLE services (LIKE organisations INCLUDING ALL);
CREATE TABLE calendars (LIKE organisations INCLUDING ALL);
CREATE TABLE priority_matrices (LIKE organisations INCLUDING ALL);

-- The end, by date or by termination, is the whole agreement's: every version of it has the same.
CREATE TABLE agreements (
    LIKE organisations INCLUDING ALL,
    terminated_from timestamptz,
    ends_at         timestamptz
);

-- A range of one number, because the server has no other equality for an exclusion constraint.
CREATE FUNCTION scope_of(text) RETURNS int8range
LANGUAGE sql IMMUTABLE RETURN int8range(hashtextextended($1, 0) / 2, hashtextextended($1, 0) / 2, '[]');

-- When an agreement is in force, for its kind, customer and service: never two at once.
CREATE TABLE agreements_in_force (
    stream text      PRIMARY KEY,
    scope  int8range NOT NULL,
    valid  tstzrange NOT NULL,
    EXCLUDE USING gist (scope WITH &&, valid WITH &&)
);
