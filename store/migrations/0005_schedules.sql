-- +goose Up
-- Schedules and their ticks, the agency's calendar, time limits, alerts.

CREATE TABLE schedules (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    title        TEXT NOT NULL,
    rule         TEXT NOT NULL,
    hours        TEXT NOT NULL,
    playbook     TEXT NOT NULL,
    subject      TEXT NOT NULL,
    catch_up     TEXT NOT NULL,
    paused       BIGINT NOT NULL DEFAULT 0,
    pause_reason TEXT NOT NULL DEFAULT '',  -- sealed
    seen_to      BIGINT NOT NULL,           -- ticks up to here are dealt with
    blocked      TEXT NOT NULL DEFAULT '',
    rev          BIGINT NOT NULL DEFAULT 1,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);

-- One row per moment of a schedule, for ever: the key is what keeps several
-- schedulers from starting the same work twice.
CREATE TABLE ticks (
    schedule_id TEXT NOT NULL REFERENCES schedules (id),
    at          BIGINT NOT NULL,
    state       TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    decided_at  BIGINT NOT NULL,
    PRIMARY KEY (schedule_id, at)
);
CREATE INDEX ticks_at ON ticks (at, schedule_id);
CREATE INDEX ticks_run ON ticks (run_id);

-- Runs of a schedule belong to no case: their case_id is '' and points here.
INSERT INTO cases (id, number, matter, region, applicant, id_hash, account_hash, mobile_hash, shared, month, state,
    received_at, due, updated_at) VALUES ('', '', '', '', '', '', '', '', '', 0, '', 0, '9999-12-31', 0);

-- Years imported by the agency; one replaces the year of the release.
CREATE TABLE calendar_years (
    year        BIGINT PRIMARY KEY,
    data        TEXT NOT NULL,  -- JSON of casework.CalendarYear
    imported_by TEXT NOT NULL,
    imported_at BIGINT NOT NULL
);

ALTER TABLE cases ADD COLUMN limit_days BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN limit_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN limit_document TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN standing BIGINT NOT NULL DEFAULT 0;   -- 1: the clock is paused
ALTER TABLE cases ADD COLUMN due_stale BIGINT NOT NULL DEFAULT 0;  -- 1: compute the due date anew
UPDATE cases SET due_stale = 1 WHERE due = '9999-12-31' AND id <> '';
CREATE INDEX cases_stale ON cases (id) WHERE due_stale = 1;

CREATE TABLE clock_pauses (
    id          TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases (id),
    reason      TEXT NOT NULL,
    note        TEXT NOT NULL,             -- sealed
    since       TEXT NOT NULL,
    until       TEXT NOT NULL DEFAULT ''   -- '' = it still stands
);
CREATE INDEX clock_pauses_case ON clock_pauses (case_id, id);

CREATE TABLE alerts (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    subject         TEXT NOT NULL,
    code            TEXT NOT NULL,
    detail          TEXT NOT NULL,  -- JSON, nothing personal
    since           BIGINT NOT NULL,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    acknowledged_at BIGINT NOT NULL DEFAULT 0,
    cleared_at      BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject, code) WHERE cleared_at = 0;
CREATE INDEX alerts_cleared ON alerts (cleared_at, id);

INSERT INTO role_permissions (role, permission) VALUES
    ('clerk', 'schedule.read'), ('clerk', 'clock.pause'), ('clerk', 'alert.read'), ('clerk', 'alert.acknowledge'),
    ('operator', 'schedule.read'), ('operator', 'schedule.change'), ('operator', 'calendar.change'),
    ('operator', 'clock.pause'), ('operator', 'alert.read'), ('operator', 'alert.acknowledge'),
    ('manager', 'schedule.read'), ('manager', 'alert.read'), ('manager', 'alert.acknowledge'),
    ('admin', 'schedule.read'), ('admin', 'calendar.change'), ('admin', 'alert.read');
