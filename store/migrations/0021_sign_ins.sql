-- +goose Up
-- A target whose sign-in needs a person. One row per target: whether somebody is to
-- sign in, is doing so, or has done so, and in which worker's browser the session lives.
-- The door says where the web process reaches the worker's open page: an address, the
-- certificate shown there and a token for this one page, sealed. What the person sees and
-- types goes through that door and is kept nowhere.
CREATE TABLE sign_ins (
    target     TEXT PRIMARY KEY REFERENCES targets (name),
    state      TEXT NOT NULL DEFAULT 'due',  -- due, wanted, open, live
    worker     TEXT NOT NULL DEFAULT '',
    door       TEXT NOT NULL DEFAULT '',     -- sealed
    person_id  TEXT NOT NULL DEFAULT '',     -- who signs in, or has signed in
    person     TEXT NOT NULL DEFAULT '',
    code       TEXT NOT NULL DEFAULT '',     -- fault code of the last try
    since      BIGINT NOT NULL DEFAULT 0,    -- of the state
    expires_at BIGINT NOT NULL DEFAULT 0,    -- of a live session
    asked_day  TEXT NOT NULL DEFAULT '',     -- the last day on whose morning people were asked
    asked_for  BIGINT NOT NULL DEFAULT 0     -- the end of the session for which they were asked again
);

