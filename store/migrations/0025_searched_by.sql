-- +goose Up
-- The run and its step that searched, '' for an export that was dropped in the folder.
ALTER TABLE person_searches ADD COLUMN run_id TEXT NOT NULL DEFAULT '';
ALTER TABLE person_searches ADD COLUMN step TEXT NOT NULL DEFAULT '';
CREATE INDEX person_searches_run ON person_searches (run_id) WHERE run_id <> '';
