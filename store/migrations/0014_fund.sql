-- +goose Up
-- Fund reconciliation (社保基金财务对账): the accounts, the files that came for
-- them, what each day's comparison found, what is open and what people said of it.
CREATE TABLE fund_accounts (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    title   TEXT NOT NULL,
    unit    TEXT NOT NULL,
    bank_of TEXT NOT NULL,
    number  TEXT NOT NULL,
    cashier TEXT NOT NULL,
    begins  TEXT NOT NULL,
    due_by  TEXT NOT NULL,
    carried TEXT NOT NULL,
    at      BIGINT NOT NULL
);

-- Raw files as they came, sealed under their hash; refused ones too.
CREATE TABLE fund_files (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES fund_accounts (id),
    kind       TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    name       TEXT NOT NULL,
    bytes      BIGINT NOT NULL,
    first_day  TEXT NOT NULL,
    last_day   TEXT NOT NULL,
    entries    BIGINT NOT NULL,
    opening    BIGINT NOT NULL,
    closing    BIGINT NOT NULL,
    balances   BIGINT NOT NULL,
    state      TEXT NOT NULL,
    problems   TEXT NOT NULL,
    source     TEXT NOT NULL,
    brought_by TEXT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE UNIQUE INDEX fund_files_once ON fund_files (account_id, kind, sha256) WHERE state <> 'withdrawn';

CREATE TABLE fund_results (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES fund_accounts (id),
    day        TEXT NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT NOT NULL,
    numbers    TEXT NOT NULL,
    papers     TEXT NOT NULL,
    files      TEXT NOT NULL,
    run_id     TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    hinted_at  BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    done_at    BIGINT NOT NULL
);
CREATE INDEX fund_results_day ON fund_results (account_id, day, id);
CREATE INDEX fund_results_open ON fund_results (hinted_at) WHERE state = 'ordered';

-- One row for each question that ever stood open; key is a keyed hash of what its
-- rows say. The newest result of the latest day clears what is gone.
CREATE TABLE fund_items (
    account_id     TEXT NOT NULL REFERENCES fund_accounts (id),
    key            TEXT NOT NULL,
    question       TEXT NOT NULL,
    state          TEXT NOT NULL,
    reason         TEXT NOT NULL,
    fen            BIGINT NOT NULL,
    net            BIGINT NOT NULL,
    weight         BIGINT NOT NULL,
    day            TEXT NOT NULL,
    first_result   TEXT NOT NULL,
    first_at       BIGINT NOT NULL,
    last_result    TEXT NOT NULL,
    cleared_result TEXT NOT NULL,
    cleared_at     BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX fund_items_open ON fund_items (account_id, weight DESC, key) WHERE cleared_at = 0;

-- Answers are appended, never changed; taking one back is an answer too.
CREATE TABLE fund_rulings (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    item_key   TEXT NOT NULL,
    ruling     TEXT NOT NULL,
    result_id  TEXT NOT NULL,
    note       TEXT NOT NULL,
    actor      TEXT NOT NULL,
    name       TEXT NOT NULL,
    at         BIGINT NOT NULL,
    FOREIGN KEY (account_id, item_key) REFERENCES fund_items (account_id, key)
);
CREATE INDEX fund_rulings_item ON fund_rulings (account_id, item_key, id);

CREATE TABLE fund_signatures (
    result_id TEXT NOT NULL REFERENCES fund_results (id),
    step      TEXT NOT NULL,
    person    TEXT NOT NULL,
    name      TEXT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (result_id, step)
);

INSERT INTO role_permissions (role, permission) VALUES
    ('clerk', 'fund.read'),
    ('clerk', 'fund.write'),
    ('clerk', 'fund.sign'),
    ('operator', 'fund.read'),
    ('operator', 'fund.write'),
    ('operator', 'fund.sign'),
    ('operator', 'fund.account'),
    ('manager', 'fund.read'),
    ('manager', 'fund.sign'),
    ('admin', 'fund.account');
