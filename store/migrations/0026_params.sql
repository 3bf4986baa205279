-- +goose Up
-- Sets of parameters, one for each notice. A set never changes after it was kept;
-- released, it holds in every edition from "edition" on, and before "ended" where
-- that is not 0. A run computes under the edition it began with.
CREATE TABLE param_head (
    id      BIGINT PRIMARY KEY,
    edition BIGINT NOT NULL
);
INSERT INTO param_head (id, edition) VALUES (1, 0);

CREATE TABLE param_sets (
    id              TEXT PRIMARY KEY,
    region          TEXT NOT NULL,
    kind            TEXT NOT NULL,
    valid_from      TEXT NOT NULL,
    document        TEXT NOT NULL,
    said            TEXT NOT NULL,             -- JSON: the set as casework.ParamSet
    hash            TEXT NOT NULL,             -- of what is said
    note            TEXT NOT NULL,             -- sealed
    scan            TEXT NOT NULL DEFAULT '',  -- SHA-256 of the notice
    scan_mime       TEXT NOT NULL DEFAULT '',
    scan_name       TEXT NOT NULL,             -- sealed
    author_id       TEXT NOT NULL,
    author          TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    state           TEXT NOT NULL,             -- draft, released, refused, withdrawn
    edition         BIGINT NOT NULL DEFAULT 0,
    ended           BIGINT NOT NULL DEFAULT 0,
    released_at     BIGINT NOT NULL DEFAULT 0,
    released_by     TEXT NOT NULL DEFAULT '',
    retro           BIGINT NOT NULL DEFAULT 0, -- valid from a day before its release
    recalculated_at BIGINT NOT NULL DEFAULT 0,
    hinted_at       BIGINT NOT NULL DEFAULT 0,
    asked           BIGINT NOT NULL DEFAULT 0  -- how often its recalculations were asked for
);
CREATE INDEX param_sets_edition ON param_sets (edition);
CREATE INDEX param_sets_owed ON param_sets (hinted_at) WHERE state = 'released' AND retro = 1 AND recalculated_at = 0;

CREATE TABLE param_events (
    id     TEXT PRIMARY KEY,
    set_id TEXT NOT NULL REFERENCES param_sets (id),
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL  -- sealed
);
CREATE INDEX param_events_set ON param_events (set_id, at);

-- Worked examples that were evaluated under a draft, with the edition it lay on.
CREATE TABLE param_trials (
    id      TEXT PRIMARY KEY,
    set_id  TEXT NOT NULL REFERENCES param_sets (id),
    edition BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    name    TEXT NOT NULL,  -- sealed: of the file
    passed  BIGINT NOT NULL,
    failed  BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    report  TEXT NOT NULL   -- sealed
);
CREATE INDEX param_trials_set ON param_trials (set_id, at);

-- Benefits that were granted, with what their amounts follow from.
CREATE TABLE awards (
    run_id      TEXT PRIMARY KEY REFERENCES runs (id),
    case_id     TEXT NOT NULL,
    person      TEXT NOT NULL,             -- keyed hash
    region      TEXT NOT NULL,
    received    TEXT NOT NULL,
    paid        BIGINT NOT NULL,
    carry_over  BIGINT NOT NULL,
    first_month BIGINT NOT NULL,
    last_month  BIGINT NOT NULL,
    monthly     BIGINT NOT NULL,           -- fen
    total       BIGINT NOT NULL,           -- fen
    undue       BIGINT NOT NULL DEFAULT 0, -- first month that is no longer owed
    edition     BIGINT NOT NULL,
    at          BIGINT NOT NULL
);
CREATE INDEX awards_running ON awards (region, last_month);
CREATE INDEX awards_person ON awards (person);

-- One row for each set and award it changes, whatever happens in between.
CREATE TABLE recalculations (
    set_id   TEXT NOT NULL REFERENCES param_sets (id),
    run_id   TEXT NOT NULL REFERENCES awards (run_id),
    number   TEXT NOT NULL,   -- of the case; '' where it could not be computed
    monthly  BIGINT NOT NULL, -- fen, signed
    owed     BIGINT NOT NULL, -- fen
    overpaid BIGINT NOT NULL, -- fen
    at       BIGINT NOT NULL,
    PRIMARY KEY (set_id, run_id)
);

ALTER TABLE runs ADD COLUMN params BIGINT NOT NULL DEFAULT 0;

-- Who writes a set does not release it (separation of duties).
INSERT INTO role_permissions (role, permission) VALUES
    ('operator', 'param.read'),
    ('operator', 'param.write'),
    ('manager', 'param.read'),
    ('manager', 'param.release'),
    ('admin', 'param.read');
