-- Where an incident stands as a major incident, if it is or was one, or may be one.
ALTER TABLE incidents ADD COLUMN major text;
CREATE INDEX incidents_by_major ON incidents (major, opened_at, stream) WHERE major IS NOT NULL;
