-- +goose Up

-- When a file was put aside: its hour counts from there, not from the record.
ALTER TABLE evidence_removed ADD COLUMN aside_at BIGINT NOT NULL DEFAULT 0;

-- Nobody wrote down when these went aside: they are put there once more.
UPDATE evidence_removed SET purged = 0 WHERE purged = 1;
