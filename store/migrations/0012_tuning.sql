-- +goose Up

-- What each check of materials found, without anything it says of a person, and
-- what became of it: upheld, overridden, '' while nobody has decided.
CREATE TABLE rule_hits (
    case_id  TEXT NOT NULL REFERENCES cases (id),
    round    BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    rule     TEXT NOT NULL,
    severity TEXT NOT NULL,
    material TEXT NOT NULL,
    field    TEXT NOT NULL,
    at       BIGINT NOT NULL,
    answer   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (case_id, round, seq)
);
CREATE INDEX rule_hits_at ON rule_hits (at, rule);

-- Fields a person had before the eyes when a case went on: read rightly, or
-- corrected. The values stay where they are, sealed.
CREATE TABLE field_labels (
    case_id   TEXT NOT NULL REFERENCES cases (id),
    round     BIGINT NOT NULL,
    material  TEXT NOT NULL,
    field     TEXT NOT NULL,
    status    TEXT NOT NULL,
    corrected BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (case_id, round, material, field)
);
CREATE INDEX field_labels_at ON field_labels (at);

-- Cases drawn for the sample audit (事后抽检), and what people said of them who
-- saw neither the machine's verdict nor each other's.
CREATE TABLE samples (
    id         TEXT PRIMARY KEY,
    seed       BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    until      BIGINT NOT NULL,
    drawn_from BIGINT NOT NULL,
    drawn_by   TEXT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE TABLE sample_cases (
    sample_id TEXT NOT NULL REFERENCES samples (id),
    place     BIGINT NOT NULL,
    case_id   TEXT NOT NULL REFERENCES cases (id),
    round     BIGINT NOT NULL,
    stratum   TEXT NOT NULL,
    stratum_of BIGINT NOT NULL,
    verdict   TEXT NOT NULL,
    rules     TEXT NOT NULL,
    PRIMARY KEY (sample_id, place)
);
CREATE TABLE sample_labels (
    sample_id TEXT NOT NULL,
    place     BIGINT NOT NULL,
    person    TEXT NOT NULL,
    login     TEXT NOT NULL,
    settles   BIGINT NOT NULL,
    verdict   TEXT NOT NULL,
    faults    TEXT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (sample_id, place, person),
    FOREIGN KEY (sample_id, place) REFERENCES sample_cases (sample_id, place)
);

-- Numbers that one paper only has, as keyed hashes: 凭证编号, 决定书编号.
CREATE TABLE paper_numbers (
    hash    TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    PRIMARY KEY (hash, case_id)
);

INSERT INTO role_permissions (role, permission) VALUES
    ('clerk', 'sample.read'),
    ('clerk', 'sample.label'),
    ('operator', 'sample.read'),
    ('operator', 'sample.label'),
    ('operator', 'rule.read'),
    ('manager', 'sample.read'),
    ('manager', 'rule.read');

-- The same file in another person's case is found by its hash.
CREATE INDEX materials_sha256 ON materials (sha256, case_id);
