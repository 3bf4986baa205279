-- +goose Up
-- One person behind several numbers (参保信息合并): the searches of exports, the
-- pairs they found, what people said of them, and the merges with their lineage.
CREATE TABLE person_searches (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    source     TEXT NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT NOT NULL,
    model      TEXT NOT NULL,
    way        TEXT NOT NULL,
    records    BIGINT NOT NULL,
    added      BIGINT NOT NULL,
    gone       BIGINT NOT NULL,
    pairs      BIGINT NOT NULL,
    opened     BIGINT NOT NULL,
    closed     BIGINT NOT NULL,
    hinted_at  BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    done_at    BIGINT NOT NULL
);
CREATE INDEX person_searches_open ON person_searches (hinted_at) WHERE state = 'ordered';

-- key is a keyed hash of both numbers; what a pair shows is sealed. A pair stays
-- for ever: a veto holds in all nights to come.
CREATE TABLE person_pairs (
    key        TEXT PRIMARY KEY,
    shown      TEXT NOT NULL,
    print      TEXT NOT NULL,
    zone       TEXT NOT NULL,
    level      TEXT NOT NULL,
    rule       TEXT NOT NULL,
    months     BIGINT NOT NULL,
    fen        BIGINT NOT NULL,
    doubt      BIGINT NOT NULL,
    value      BIGINT NOT NULL,
    state      TEXT NOT NULL,
    case_id    TEXT NOT NULL,
    first_at   BIGINT NOT NULL,
    gone_at    BIGINT NOT NULL
);
CREATE INDEX person_pairs_queue ON person_pairs (state, value DESC, key) WHERE gone_at = 0;

-- Answers are appended, never changed; taking one back is an answer too.
CREATE TABLE person_rulings (
    id       TEXT PRIMARY KEY,
    pair_key TEXT NOT NULL REFERENCES person_pairs (key),
    ruling   TEXT NOT NULL,
    note     TEXT NOT NULL,
    actor    TEXT NOT NULL,
    name     TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX person_rulings_pair ON person_rulings (pair_key, id);

-- A merge points from the folded number to the surviving one for as long as
-- undone_at is 0. before, after and restored are files: what the system held of
-- both numbers.
CREATE TABLE person_merges (
    id        TEXT PRIMARY KEY,
    run_id    TEXT NOT NULL UNIQUE,
    main      TEXT NOT NULL,
    sub       TEXT NOT NULL,
    shown     TEXT NOT NULL,
    before    TEXT NOT NULL,
    after     TEXT NOT NULL,
    at        BIGINT NOT NULL,
    undo_run  TEXT NOT NULL,
    restored  TEXT NOT NULL,
    undone_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX person_merges_live ON person_merges (sub) WHERE undone_at = 0;
CREATE INDEX person_merges_main ON person_merges (main);

INSERT INTO role_permissions (role, permission) VALUES
    ('clerk', 'person.read'),
    ('clerk', 'person.rule'),
    ('operator', 'person.read'),
    ('operator', 'person.rule'),
    ('manager', 'person.read');
