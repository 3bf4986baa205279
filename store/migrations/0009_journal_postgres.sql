-- +goose Up
-- A line and an effect are written in the transaction that has just updated their
-- run, so that asking for the run again at each line proves nothing.
ALTER TABLE entries DROP CONSTRAINT entries_run_id_fkey;
ALTER TABLE effects DROP CONSTRAINT effects_run_id_fkey;
-- Rows that change at every step find room beside themselves.
ALTER TABLE runs SET (fillfactor = 60);
ALTER TABLE cases SET (fillfactor = 70);
