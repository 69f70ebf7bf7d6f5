-- Whether a live event of a ticket was told some time after it had happened: reports count those.
ALTER TABLE ticket_facts ADD COLUMN told_afterwards boolean NOT NULL DEFAULT false;
CREATE INDEX ticket_facts_told_afterwards ON ticket_facts (ticket) WHERE told_afterwards;
