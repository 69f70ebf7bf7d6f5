-- When an incident is due and whether it is at risk, as the clocks say that sla-monitor keeps.
CREATE TABLE clocks (
    ticket   text    NOT NULL,
    target   text    NOT NULL,
    cycle    integer NOT NULL,
    due_at   timestamptz,
    is_open  boolean NOT NULL DEFAULT true,
    warned   boolean NOT NULL DEFAULT false,
    breached boolean NOT NULL DEFAULT false,
    PRIMARY KEY (ticket, target, cycle)
);
ALTER TABLE incidents
    ADD COLUMN due_at timestamptz,
    ADD COLUMN at_risk boolean NOT NULL DEFAULT false,
    ADD COLUMN been_with text[] NOT NULL DEFAULT '{}';

-- Every group that has held it: what changed in its absence is told to each of them.
UPDATE incidents i SET been_with = held.groups FROM (
    SELECT stream, array_agg(DISTINCT data ->> 'group') AS groups
    FROM events WHERE type LIKE 'incident.assigned.%' AND data ->> 'group' IS NOT NULL
    GROUP BY stream
) AS held WHERE i.stream = held.stream;

-- What was written about an incident: `words` for everybody who sees it, `inner_words` with what is
-- internal besides. Apart from the row, because a row changes often and words come rarely.
CREATE TABLE incident_words (
    stream      text     PRIMARY KEY,
    words       tsvector NOT NULL,
    inner_words tsvector NOT NULL
);
INSERT INTO incident_words
SELECT stream,
    to_tsvector('simple', coalesce(string_agg(told, ' ') FILTER (WHERE NOT internal), '')),
    to_tsvector('simple', coalesce(string_agg(told, ' '), ''))
FROM (
    SELECT stream, position,
        left(concat_ws(' ', data ->> 'number', data ->> 'title', data ->> 'description',
            data ->> 'caller', data ->> 'on_behalf_of', data ->> 'external_reference',
            data ->> 'text', data ->> 'reason', data ->> 'because'), 4000) AS told,
        split_part(type, '.', 2) NOT IN ('logged', 'comment_added', 'comment_moved', 'put_on_hold',
            'resolved', 'reopened', 'cancelled', 'major_proposed', 'major_declined',
            'major_update_given', 'major_stood_down') AS internal
    FROM events WHERE type LIKE 'incident.%'
) AS said GROUP BY stream;
-- A short list of what is not yet in order: every search reads it whole.
CREATE INDEX incident_words_public ON incident_words USING gin (words)
    WITH (gin_pending_list_limit = 256);
CREATE INDEX incident_words_inner ON incident_words USING gin (inner_words)
    WITH (gin_pending_list_limit = 256);

-- An index for each order, over all and over what is not yet over: there are few of these, and
-- they lie together at the end of every order. One for each member that is asked for.
CREATE INDEX incidents_by_due ON incidents (coalesce(due_at, 'infinity'), stream);
CREATE INDEX incidents_by_category ON incidents (category, opened_at, stream);
CREATE INDEX incidents_by_resolution ON incidents (resolved_at, stream);
CREATE INDEX incidents_been_with ON incidents USING gin (been_with);
CREATE INDEX incidents_on_hold ON incidents (hold_reason, opened_at, stream)
    WHERE hold_reason IS NOT NULL;
CREATE INDEX incidents_breached ON incidents (opened_at, stream) WHERE breaches <> '{}';
CREATE INDEX incidents_at_risk ON incidents (coalesce(due_at, 'infinity'), stream) WHERE at_risk;
CREATE INDEX incidents_live_by_opening ON incidents (opened_at, stream)
    WHERE status IN ('new', 'in_progress', 'on_hold', 'resolved');
CREATE INDEX incidents_live_by_update ON incidents (updated_at, stream)
    WHERE status IN ('new', 'in_progress', 'on_hold', 'resolved');
CREATE INDEX incidents_live_by_priority ON incidents (priority, stream)
    WHERE status IN ('new', 'in_progress', 'on_hold', 'resolved');
CREATE INDEX incidents_live_by_number ON incidents (number, stream)
    WHERE status IN ('new', 'in_progress', 'on_hold', 'resolved');
CREATE INDEX incidents_live_by_due ON incidents (coalesce(due_at, 'infinity'), stream)
    WHERE status IN ('new', 'in_progress', 'on_hold', 'resolved');
