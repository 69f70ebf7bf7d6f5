-- In which event of its stream a version was told: a retirement that is read again must not end
-- a version that came after it.
ALTER TABLE people ADD COLUMN told_in integer NOT NULL DEFAULT 0;
ALTER TABLE groups ADD COLUMN told_in integer NOT NULL DEFAULT 0;
ALTER TABLE routings ADD COLUMN told_in integer NOT NULL DEFAULT 0;
ALTER TABLE priority_matrices ADD COLUMN told_in integer NOT NULL DEFAULT 0;
