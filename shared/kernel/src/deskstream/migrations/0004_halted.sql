-- Why a partition must not be read on: a stream's event is missing there. A rewind clears it.
ALTER TABLE progress ADD COLUMN halted text;
