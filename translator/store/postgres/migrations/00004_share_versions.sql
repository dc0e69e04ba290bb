-- +goose Up

-- versions.digest of the version that the share is of: zeros of a story that was
-- not submitted, and '' of whatever was spent before there was this column.
ALTER TABLE shares ADD COLUMN version bytea NOT NULL DEFAULT '';
