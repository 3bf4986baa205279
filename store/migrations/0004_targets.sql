-- +goose Up
-- A target is a foreign system we work on, on its owner's terms.
CREATE TABLE targets (
    name       TEXT PRIMARY KEY,
    account    TEXT NOT NULL,              -- configuration key of its robot account
    state      TEXT NOT NULL DEFAULT 'open',
    reason     TEXT NOT NULL DEFAULT '',   -- fault code
    failures   BIGINT NOT NULL DEFAULT 0,  -- transient faults in a row
    until      BIGINT NOT NULL DEFAULT 0,  -- paused so long
    canary_day TEXT NOT NULL DEFAULT '',   -- the last day on which the look went well
    canary_at  BIGINT NOT NULL DEFAULT 0,  -- when one was last asked for
    paced_at   BIGINT NOT NULL DEFAULT 0   -- when the last page was asked for, or will be
);

-- The terms, each in force from a day on until the next.
CREATE TABLE target_limits (
    target   TEXT NOT NULL REFERENCES targets (name),
    from_day TEXT NOT NULL,
    data     TEXT NOT NULL,
    actor    TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (target, from_day)
);

-- One row per signed-in session. The holder is a run, or whoever else looks in;
-- the fence grows with each taking, and only its newest number gives it back.
CREATE TABLE seats (
    target   TEXT NOT NULL REFERENCES targets (name),
    number   BIGINT NOT NULL,
    holder   TEXT NOT NULL DEFAULT '',
    worker   TEXT NOT NULL DEFAULT '',  -- whose browser is or was signed in there
    fence    BIGINT NOT NULL DEFAULT 0,
    taken_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (target, number)
);
CREATE INDEX seats_holder ON seats (holder);

-- Who used a robot account on a day. A run that comes back counts once.
CREATE TABLE account_days (
    account TEXT NOT NULL,
    day     TEXT NOT NULL,
    run_id  TEXT NOT NULL,
    PRIMARY KEY (account, day, run_id)
);

CREATE TABLE accounts (
    name          TEXT PRIMARY KEY,  -- configuration key
    target        TEXT NOT NULL,
    responsible   TEXT NOT NULL,     -- of our staff
    approval      TEXT NOT NULL,     -- document that allows it
    scope         TEXT NOT NULL,
    expires       TEXT NOT NULL,     -- last day, 9999-12-31 = not limited
    password_set  TEXT NOT NULL,     -- day, 9999-12-31 = not known
    password_days BIGINT NOT NULL    -- 0 = does not age
);

-- Passwords one person has typed and a second has not confirmed yet.
CREATE TABLE password_changes (
    account  TEXT PRIMARY KEY,
    value    TEXT NOT NULL,  -- sealed
    actor_id TEXT NOT NULL,
    actor    TEXT NOT NULL,
    at       BIGINT NOT NULL
);

-- Switches that stop work: all, target:<name>, playbook:<name>.
CREATE TABLE kills (
    scope  TEXT PRIMARY KEY,
    actor  TEXT NOT NULL,
    reason TEXT NOT NULL,  -- sealed
    at     BIGINT NOT NULL
);

ALTER TABLE runs ADD COLUMN target TEXT NOT NULL DEFAULT '';     -- system its next step works on
ALTER TABLE runs ADD COLUMN rank TEXT NOT NULL DEFAULT '';       -- due day, or a stand-in that ages
ALTER TABLE runs ADD COLUMN format BIGINT NOT NULL DEFAULT 1;    -- of its journal
ALTER TABLE runs ADD COLUMN crashes BIGINT NOT NULL DEFAULT 0;   -- workers lost since a step was finished
ALTER TABLE runs ADD COLUMN cancel_at BIGINT NOT NULL DEFAULT 0; -- a person wants it ended
ALTER TABLE runs ADD COLUMN cancel_by TEXT NOT NULL DEFAULT '';  -- JSON of casework.Actor: staff
UPDATE runs SET rank = due;

-- Admission reads the first rows of each target, however many wait behind them.
DROP INDEX runs_next;
CREATE INDEX runs_state ON runs (state, admitted);
CREATE INDEX runs_queue ON runs (target, rank, priority DESC, created_at, id) WHERE state = 'waiting' AND admitted = 0;
CREATE INDEX runs_cancel ON runs (id) WHERE cancel_at > 0;

INSERT INTO role_permissions (role, permission) VALUES
    ('operator', 'target.read'),
    ('operator', 'target.write'),
    ('operator', 'target.kill'),
    ('operator', 'account.password'),
    ('operator', 'run.cancel'),
    ('manager', 'target.read'),
    ('manager', 'target.kill'),
    ('admin', 'target.read'),
    ('admin', 'target.write'),
    ('admin', 'target.kill'),
    ('admin', 'account.password');
