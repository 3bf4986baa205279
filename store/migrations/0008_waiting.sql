-- +goose Up

-- Whose loss was counted last against a run, and when: a worker that beats again
-- after that was not killed (store/lost.go).
ALTER TABLE runs ADD COLUMN lost_to TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN lost_at BIGINT NOT NULL DEFAULT 0;

-- Most of a long queue may wait for another day (next_at): with the moment in the
-- index such runs are passed over without reading their rows. 50,000 waiting of
-- which 100 may go: SQLite 60 → 23 ms, PostgreSQL 40 → 4 ms. An index led by
-- next_at would be faster still, but would sort all 50,000 when all may go.
DROP INDEX runs_queue;
CREATE INDEX runs_queue ON runs (target, rank, priority DESC, created_at, id, next_at) WHERE state = 'waiting' AND admitted = 0;
