-- A rewind is on record beside retries and skips; it is done when it is written. `key` and
-- `fingerprint` are digests of the request that ordered it, if it came with an Idempotency-Key.
ALTER TABLE orders
    DROP CONSTRAINT orders_kind_check,
    ADD CONSTRAINT orders_kind_check CHECK (kind IN ('retry', 'skip', 'rewind')),
    ADD COLUMN key bytea UNIQUE,
    ADD COLUMN fingerprint bytea;
