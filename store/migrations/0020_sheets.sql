-- +goose Up
-- Sheets that are work lists: one row is one case and its run. The same file
-- begins nothing twice for the same playbook. Values and mistakes of a row are
-- sealed; content is a keyed hash of them, so that a row that came in an earlier
-- file follows the case there is.
CREATE TABLE sheets (
    id       TEXT PRIMARY KEY,
    playbook TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    name     TEXT NOT NULL,  -- sealed
    format   TEXT NOT NULL,
    state    TEXT NOT NULL,
    person   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    done_at  BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX sheets_once ON sheets (playbook, sha256);
CREATE INDEX sheets_open ON sheets (id) WHERE state = 'running';

CREATE TABLE sheet_rows (
    sheet_id TEXT NOT NULL REFERENCES sheets (id),
    line     BIGINT NOT NULL,
    state    TEXT NOT NULL,  -- wrong, waiting, started, over
    content  TEXT NOT NULL,
    data     TEXT NOT NULL,  -- sealed
    case_id  TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (sheet_id, line)
);
CREATE INDEX sheet_rows_state ON sheet_rows (sheet_id, state, line);
CREATE INDEX sheet_rows_content ON sheet_rows (content) WHERE case_id <> '';

INSERT INTO role_permissions (role, permission) VALUES
    ('operator', 'sheet.read'),
    ('operator', 'sheet.write'),
    ('manager', 'sheet.read');
