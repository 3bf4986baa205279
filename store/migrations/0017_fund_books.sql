-- +goose Up
-- Closed books: who closed what period, with which balances, and what goes on.
-- What a result would carry on is a sealed file; its hash stands beside it.
ALTER TABLE fund_results ADD COLUMN carry TEXT NOT NULL DEFAULT '';
ALTER TABLE fund_accounts ADD COLUMN opens TEXT NOT NULL DEFAULT '';

CREATE TABLE fund_closings (
    account_id TEXT NOT NULL REFERENCES fund_accounts (id),
    first_day  TEXT NOT NULL,
    last_day   TEXT NOT NULL,
    result_id  TEXT NOT NULL REFERENCES fund_results (id),
    bank       BIGINT NOT NULL,
    book       BIGINT NOT NULL,
    carried    BIGINT NOT NULL,
    net        BIGINT NOT NULL,
    person     TEXT NOT NULL,
    name       TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, last_day)
);

-- Payments that failed or came back, handed to the business side: it asks the
-- payee for another account and pays again. What is about a person is sealed.
CREATE TABLE fund_repays (
    account_id TEXT NOT NULL REFERENCES fund_accounts (id),
    key        TEXT NOT NULL,
    detail     TEXT NOT NULL,
    result_id  TEXT NOT NULL,
    state      TEXT NOT NULL,
    at         BIGINT NOT NULL,
    name       TEXT NOT NULL,
    note       TEXT NOT NULL,
    done_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX fund_repays_waiting ON fund_repays (account_id, at) WHERE state = 'waiting';
