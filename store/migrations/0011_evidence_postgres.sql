-- +goose Up
-- Evidence is chained run by run: link is the keyed hash of a line and of all
-- before it, the manifest holds the end, and the audit trail anchors the ends.
ALTER TABLE evidence ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evidence ADD COLUMN class TEXT NOT NULL DEFAULT 'page';
ALTER TABLE evidence ADD COLUMN link TEXT NOT NULL DEFAULT '';
CREATE INDEX evidence_class ON evidence (class, at);
CREATE INDEX evidence_sha ON evidence (sha256);

CREATE TABLE manifests (
    run_id   TEXT PRIMARY KEY REFERENCES runs (id),
    files    BIGINT NOT NULL,
    head     TEXT NOT NULL,
    mark     TEXT NOT NULL,             -- keyed hash of run, files and head
    anchored BIGINT NOT NULL DEFAULT 0  -- files when the audit trail last named the head
);
CREATE INDEX manifests_adrift ON manifests (run_id) WHERE files > anchored;

-- What was removed at the end of its keep-time; hash, class and reason stay.
CREATE TABLE evidence_removed (
    evidence_id TEXT PRIMARY KEY,       -- or <dry run>/<number>
    sha256      TEXT NOT NULL,
    class       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    mark        TEXT NOT NULL,          -- keyed hash of all of it
    purged      BIGINT NOT NULL DEFAULT 0  -- 0 kept, 1 put aside, 2 gone or needed elsewhere
);
CREATE INDEX evidence_unpurged ON evidence_removed (purged, at) WHERE purged < 2;

ALTER TABLE dry_runs ADD COLUMN mark TEXT NOT NULL DEFAULT '';

CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence
    FOR EACH ROW WHEN (OLD.link <> '') EXECUTE FUNCTION append_only();
CREATE TRIGGER evidence_no_delete BEFORE DELETE OR TRUNCATE ON evidence
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
