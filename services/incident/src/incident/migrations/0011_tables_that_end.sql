-- When a priority matrix or the routing table was retired.
ALTER TABLE priority_matrices ADD COLUMN ends_at timestamptz;
ALTER TABLE routings ADD COLUMN ends_at timestamptz;
