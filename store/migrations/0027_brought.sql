-- +goose Up
-- Cases that playbooks bring in with their files may come again: mark is a keyed hash
-- of what tells one submission from the next.
ALTER TABLE opened_cases ADD COLUMN mark TEXT NOT NULL DEFAULT '';

-- '' for what somebody uploaded, 'yes' for what a playbook brought, 'replaced' for what
-- a later submission of the case no longer has: it stays, and is not judged any more.
ALTER TABLE materials ADD COLUMN brought TEXT NOT NULL DEFAULT '';
