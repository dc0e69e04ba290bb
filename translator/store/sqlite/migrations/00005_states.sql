-- +goose Up

-- Finds the few versions that have failed, wait or are held among all that are
-- done, and those that were done lately.
CREATE INDEX versions_state ON versions (state, changed);
