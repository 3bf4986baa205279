-- +goose Up
-- A version of a playbook never changes: it is named by the hash of its text.
CREATE TABLE playbook_versions (
    hash       TEXT PRIMARY KEY,
    playbook   TEXT NOT NULL,
    text       TEXT NOT NULL,
    author_id  TEXT NOT NULL,
    author     TEXT NOT NULL,
    note       TEXT NOT NULL,  -- sealed: people's words
    errors     BIGINT NOT NULL,
    warnings   BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX playbook_versions_name ON playbook_versions (playbook, created_at);

-- How far a version is trusted. Updating the row is the lock of stage and quota.
CREATE TABLE playbook_stages (
    hash        TEXT PRIMARY KEY REFERENCES playbook_versions (hash),
    stage       TEXT NOT NULL,
    since       BIGINT NOT NULL,
    released_at BIGINT NOT NULL DEFAULT 0,
    released_by TEXT NOT NULL DEFAULT '',
    retired_at  BIGINT NOT NULL DEFAULT 0,
    daily       BIGINT NOT NULL,
    sample      BIGINT NOT NULL,
    day         TEXT NOT NULL DEFAULT '',   -- of taken
    taken       BIGINT NOT NULL DEFAULT 0   -- runs begun on that day, below full
);

-- Everything that moved a version. What a review did has the review's id, so
-- that it counts once.
CREATE TABLE playbook_events (
    id         TEXT PRIMARY KEY,
    hash       TEXT NOT NULL REFERENCES playbook_versions (hash),
    at         BIGINT NOT NULL,
    actor      TEXT NOT NULL,
    from_stage TEXT NOT NULL,
    to_stage   TEXT NOT NULL,
    run_id     TEXT NOT NULL DEFAULT '',
    reason     TEXT NOT NULL  -- sealed
);
CREATE INDEX playbook_events_hash ON playbook_events (hash, at);

-- A run is never trusted with more than its version was when it began.
ALTER TABLE runs ADD COLUMN ceiling TEXT NOT NULL DEFAULT 'full';
ALTER TABLE runs ADD COLUMN paused BIGINT NOT NULL DEFAULT 0;
CREATE INDEX runs_version ON runs (version, created_at);

CREATE TABLE dry_runs (
    id         TEXT PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES runs (id),
    hash       TEXT NOT NULL,
    state      TEXT NOT NULL,
    good       BIGINT NOT NULL DEFAULT 0,
    code       TEXT NOT NULL DEFAULT '',
    actor      TEXT NOT NULL,
    reason     TEXT NOT NULL,             -- sealed
    worker     TEXT NOT NULL DEFAULT '',
    report     TEXT NOT NULL DEFAULT '',  -- sealed
    shots      TEXT NOT NULL DEFAULT '[]',
    at         BIGINT NOT NULL,
    hinted_at  BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX dry_runs_run ON dry_runs (run_id, at);
CREATE INDEX dry_runs_hash ON dry_runs (hash, at);
CREATE INDEX dry_runs_state ON dry_runs (state, hinted_at);

-- Who writes a playbook does not release it (separation of duties).
INSERT INTO role_permissions (role, permission) VALUES
    ('operator', 'playbook.read'),
    ('operator', 'playbook.write'),
    ('operator', 'run.control'),
    ('operator', 'run.dry'),
    ('manager', 'playbook.read'),
    ('manager', 'playbook.release'),
    ('admin', 'playbook.read');
