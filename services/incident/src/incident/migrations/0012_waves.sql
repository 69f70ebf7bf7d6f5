-- A lead found that this is no major incident: it and its children are proposed by themselves no more.
ALTER TABLE incidents ADD COLUMN major_declined boolean NOT NULL DEFAULT false;
UPDATE incidents SET major_declined = true
WHERE stream IN (SELECT stream FROM events WHERE type = 'incident.major_declined.v1');
