-- +goose Up
-- Cases that playbooks opened, one for each key: a keyed hash of the matter and of
-- what tells its cases apart.
CREATE TABLE opened_cases (
    key     TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id)
);
