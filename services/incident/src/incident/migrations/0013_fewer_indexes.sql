-- One narrow index for each member that is asked for, without those that have none. Their matches
-- are fetched and sorted, whatever the order: what is in the order of one sort helps no other.
DROP INDEX incidents_by_service, incidents_by_organisation, incidents_by_category,
    incidents_by_person, incidents_by_resolution;
CREATE INDEX incidents_of_service ON incidents (service) WHERE service IS NOT NULL;
CREATE INDEX incidents_of_organisation ON incidents (organisation) WHERE organisation IS NOT NULL;
CREATE INDEX incidents_of_category ON incidents (category) WHERE category IS NOT NULL;
CREATE INDEX incidents_of_person ON incidents (person) WHERE person IS NOT NULL;
CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX incidents_unassigned ON incidents (held_by) WHERE held_by IS NULL;

-- Callers are among the people whom it concerns, holders among the groups that it has been with.
DROP INDEX incidents_by_caller, incidents_by_holder;

-- Those that are not closed are few: they are found by their state, and sorted.
CREATE INDEX incidents_standing ON incidents (status) WHERE status <> 'closed';
DROP INDEX incidents_by_status, incidents_live_by_opening, incidents_live_by_update,
    incidents_live_by_priority, incidents_live_by_number, incidents_live_by_due;

-- All words hold the public ones: who may not see the others finds by all, and looks at the public.
DROP INDEX incident_words_public;
