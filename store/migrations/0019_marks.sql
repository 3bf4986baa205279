-- +goose Up

-- What each page of a foreign system is told by, as it was approved; and what it showed
-- last, where that is something else. A change is accepted by one person and approved by
-- a second.
CREATE TABLE page_marks (
    target      TEXT NOT NULL REFERENCES targets (name),
    page        TEXT NOT NULL,
    marks       TEXT NOT NULL,
    approved_by TEXT NOT NULL DEFAULT '',
    approved_at BIGINT NOT NULL,
    found       TEXT NOT NULL DEFAULT '',
    found_at    BIGINT NOT NULL DEFAULT 0,
    accepted_by TEXT NOT NULL DEFAULT '',
    accepted_name TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (target, page)
);

-- The names that approved changes brought: what playbooks call old is now called alias.
CREATE TABLE page_aliases (
    target      TEXT NOT NULL REFERENCES targets (name),
    old         TEXT NOT NULL,
    alias       TEXT NOT NULL,
    page        TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    PRIMARY KEY (target, old, alias)
);
