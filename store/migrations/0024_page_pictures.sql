-- +goose Up

-- The pictures of a page as it was approved and as it was found, by the SHA-256 of their
-- sealed files.
ALTER TABLE page_marks ADD COLUMN picture TEXT NOT NULL DEFAULT '';
ALTER TABLE page_marks ADD COLUMN found_picture TEXT NOT NULL DEFAULT '';
