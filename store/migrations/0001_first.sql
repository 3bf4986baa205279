-- +goose Up
-- Everything that may name a person is sealed ("v1.aesgcm.…") or a keyed hash
-- ("hmac-sha256:…"). Times are microseconds since 1970 UTC, 0 = not known.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row per thing only one process does at a time; updating it is the lock.
CREATE TABLE latches (
    name TEXT PRIMARY KEY,
    at   BIGINT NOT NULL
);
INSERT INTO latches (name, at) VALUES ('admit', 0);
INSERT INTO latches (name, at) VALUES ('audit', 0);

CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE cases (
    id           TEXT PRIMARY KEY,
    number       TEXT NOT NULL UNIQUE,
    matter       TEXT NOT NULL,
    region       TEXT NOT NULL,
    applicant    TEXT NOT NULL,  -- sealed
    id_hash      TEXT NOT NULL,
    account_hash TEXT NOT NULL,
    mobile_hash  TEXT NOT NULL,
    shared       TEXT NOT NULL,  -- sealed
    month        BIGINT NOT NULL,
    state        TEXT NOT NULL,
    outcome      TEXT NOT NULL DEFAULT '',
    receipt      TEXT NOT NULL DEFAULT '',
    verdict      TEXT NOT NULL DEFAULT '',
    note         TEXT NOT NULL DEFAULT '',  -- sealed: why it was cancelled
    round        BIGINT NOT NULL DEFAULT 0, -- how often it was submitted
    received_at  BIGINT NOT NULL,
    due          TEXT NOT NULL,             -- 9999-12-31 = not known
    updated_at   BIGINT NOT NULL,
    hinted_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX cases_state ON cases (state, due);
CREATE INDEX cases_received ON cases (received_at);
CREATE INDEX cases_id_hash ON cases (id_hash);
CREATE INDEX cases_account_hash ON cases (account_hash);

CREATE TABLE search (
    hash    TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    PRIMARY KEY (hash, case_id)
);

CREATE TABLE materials (
    id          TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases (id),
    slot        TEXT NOT NULL,
    file_name   TEXT NOT NULL,  -- sealed: people name files after people
    mime        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    bytes       BIGINT NOT NULL,
    pages       BIGINT NOT NULL,
    state       TEXT NOT NULL,
    fault       TEXT NOT NULL DEFAULT '',
    uploaded_at BIGINT NOT NULL,
    read_at     BIGINT NOT NULL DEFAULT 0,
    hinted_at   BIGINT NOT NULL
);
CREATE INDEX materials_case ON materials (case_id, state);
CREATE INDEX materials_state ON materials (state, hinted_at);
CREATE INDEX materials_read ON materials (read_at);

CREATE TABLE readings (
    material_id TEXT NOT NULL REFERENCES materials (id),
    page        BIGINT NOT NULL,
    data        TEXT NOT NULL,  -- sealed
    PRIMARY KEY (material_id, page)
);

CREATE TABLE assessments (
    case_id TEXT NOT NULL REFERENCES cases (id),
    round   BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    rules   TEXT NOT NULL,
    data    TEXT NOT NULL,  -- sealed
    at      BIGINT NOT NULL,
    PRIMARY KEY (case_id, round)
);
CREATE INDEX assessments_at ON assessments (at);

CREATE TABLE runs (
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    round      BIGINT NOT NULL,
    playbook   TEXT NOT NULL,
    version    TEXT NOT NULL,
    run_key    TEXT NOT NULL,
    snapshot   TEXT NOT NULL,  -- sealed
    state      TEXT NOT NULL,
    step       TEXT NOT NULL DEFAULT '',
    ended      TEXT NOT NULL DEFAULT '',
    holder     TEXT NOT NULL DEFAULT '',
    fence      BIGINT NOT NULL DEFAULT 0,
    seq        BIGINT NOT NULL DEFAULT 0,  -- of the last journal line
    attempt    BIGINT NOT NULL DEFAULT 0,
    failures   BIGINT NOT NULL DEFAULT 0,  -- attempts since a person or a step moved it on
    admitted   BIGINT NOT NULL DEFAULT 0,
    hinted_at  BIGINT NOT NULL DEFAULT 0,
    next_at    BIGINT NOT NULL,
    due        TEXT NOT NULL,
    priority   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL DEFAULT 0,
    UNIQUE (case_id, round)
);
CREATE UNIQUE INDEX runs_live ON runs (playbook, run_key) WHERE state IN ('waiting', 'running', 'parked');
CREATE INDEX runs_next ON runs (state, admitted, due, priority DESC, created_at);
CREATE INDEX runs_ended ON runs (ended_at);

CREATE TABLE run_persons (
    run_id TEXT NOT NULL REFERENCES runs (id),
    person TEXT NOT NULL,
    PRIMARY KEY (run_id, person)
);

CREATE TABLE person_locks (
    person TEXT PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id)
);
CREATE INDEX person_locks_run ON person_locks (run_id);

CREATE TABLE workers (
    worker     TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE entries (
    run_id  TEXT NOT NULL REFERENCES runs (id),
    seq     BIGINT NOT NULL,
    step    TEXT NOT NULL,
    item    TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    fence   BIGINT NOT NULL,
    effect  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    data    TEXT NOT NULL,  -- sealed
    PRIMARY KEY (run_id, seq)
);

CREATE TABLE effects (
    id         TEXT PRIMARY KEY,
    system     TEXT NOT NULL,
    action     TEXT NOT NULL,
    run_id     TEXT NOT NULL REFERENCES runs (id),
    step       TEXT NOT NULL,
    state      TEXT NOT NULL,
    claimed_at BIGINT NOT NULL,
    sent_at    BIGINT NOT NULL DEFAULT 0,
    ended_at   BIGINT NOT NULL DEFAULT 0,
    data       TEXT NOT NULL  -- sealed
);
CREATE INDEX effects_run ON effects (run_id, state);
CREATE INDEX effects_doubt ON effects (state) WHERE state = 'sent';

CREATE TABLE reviews (
    id           TEXT PRIMARY KEY,
    run_id       TEXT NOT NULL REFERENCES runs (id),
    case_id      TEXT NOT NULL REFERENCES cases (id),
    step         TEXT NOT NULL,
    role         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    showing      TEXT NOT NULL,
    choices      TEXT NOT NULL,
    state        TEXT NOT NULL,
    due          BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    choice       TEXT NOT NULL DEFAULT '',
    decided_by   TEXT NOT NULL DEFAULT '',
    decided_at   BIGINT NOT NULL DEFAULT 0,
    escalated_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX reviews_inbox ON reviews (state, role, due, id);
CREATE INDEX reviews_run ON reviews (run_id, state);
CREATE INDEX reviews_case ON reviews (case_id);

CREATE TABLE decisions (
    review_id  TEXT PRIMARY KEY REFERENCES reviews (id),
    run_id     TEXT NOT NULL REFERENCES runs (id),
    step       TEXT NOT NULL,
    choice     TEXT NOT NULL,
    edits      TEXT NOT NULL,  -- sealed
    note       TEXT NOT NULL,  -- sealed
    at         BIGINT NOT NULL,
    actor      TEXT NOT NULL   -- JSON of casework.Actor: staff, not citizens
);
CREATE INDEX decisions_run ON decisions (run_id, at);

CREATE TABLE evidence (
    id      TEXT PRIMARY KEY,
    run_id  TEXT NOT NULL REFERENCES runs (id),
    step    TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    mime    TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    bytes   BIGINT NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX evidence_run ON evidence (run_id, at);

CREATE TABLE outbox (
    id      TEXT PRIMARY KEY,
    task    TEXT NOT NULL,
    subject TEXT NOT NULL,
    at      BIGINT NOT NULL,
    sent_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX outbox_sent ON outbox (sent_at, at);
CREATE INDEX outbox_subject ON outbox (subject, sent_at);

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    login         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled      BIGINT NOT NULL DEFAULT 0,
    failures      BIGINT NOT NULL DEFAULT 0,
    locked_until  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tokens (
    id         TEXT PRIMARY KEY,
    hash       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE role_permissions (
    role       TEXT NOT NULL,
    permission TEXT NOT NULL,
    PRIMARY KEY (role, permission)
);

CREATE TABLE requests (
    hash      TEXT PRIMARY KEY,  -- of actor and idempotency key
    body_hash TEXT NOT NULL,
    answer    TEXT NOT NULL,     -- sealed; '' while under way
    at        BIGINT NOT NULL
);
CREATE INDEX requests_at ON requests (at);

CREATE TABLE secrets (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,  -- sealed
    updated_at BIGINT NOT NULL
);

CREATE TABLE audit (
    id     TEXT PRIMARY KEY,
    at     BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    actor  TEXT NOT NULL,
    name   TEXT NOT NULL,
    role   TEXT NOT NULL,
    source TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL  -- sealed: reasons are people's words
);
CREATE INDEX audit_object ON audit (object, at);
CREATE INDEX audit_at ON audit (at);

-- Rows that the sealer has not chained yet, so that it need not look for them.
CREATE TABLE audit_unchained (
    id TEXT PRIMARY KEY
);

CREATE TABLE audit_chain (
    seq  BIGINT PRIMARY KEY,
    id   TEXT NOT NULL UNIQUE REFERENCES audit (id),
    hash TEXT NOT NULL
);
