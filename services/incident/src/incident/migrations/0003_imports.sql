-- One row an import, and what was refused of it.
CREATE TABLE imports (
    stream   text PRIMARY KEY,
    name     text        NOT NULL,
    because  text        NOT NULL,
    begun_at timestamptz NOT NULL,
    frontier timestamptz,
    done     integer     NOT NULL DEFAULT 0,
    refused  integer     NOT NULL DEFAULT 0,
    ended_at timestamptz
);
CREATE INDEX imports_by_beginning ON imports (begun_at, stream);
CREATE INDEX imports_by_name ON imports (name);

-- `stream` is "<stream of the import>/<ticket>#<sequence>".
CREATE TABLE refused_steps (
    stream   text PRIMARY KEY,
    import   text    NOT NULL,
    nth      integer NOT NULL,
    ticket   text    NOT NULL,
    sequence integer NOT NULL,
    code     text    NOT NULL,
    detail   text    NOT NULL
);
CREATE INDEX refused_steps_by_import ON refused_steps (import, nth, stream);
