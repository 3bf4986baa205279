-- +goose Up
-- What was seen of a picture when it came in, before anything was read: scores
-- and places, no text.
ALTER TABLE materials ADD COLUMN door TEXT NOT NULL DEFAULT '';

-- The perceptual hash of each page, cut into bands. Two hashes that differ in
-- fewer places than there are bands agree in at least one of them, so that a
-- near duplicate is found through an index.
CREATE TABLE material_looks (
    material_id TEXT NOT NULL REFERENCES materials (id),
    page        BIGINT NOT NULL,
    band        BIGINT NOT NULL,
    bits        BIGINT NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (material_id, page, band)
);
CREATE INDEX material_looks_bits ON material_looks (band, bits);
