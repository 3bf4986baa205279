-- +goose Up
-- A row that has not begun is looked for by its content too: it is what two sheets
-- lock so that only one of them begins it.
DROP INDEX sheet_rows_content;
CREATE INDEX sheet_rows_content ON sheet_rows (content);
