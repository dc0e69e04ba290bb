-- +goose Up

-- Which process has a text in hand. A holder is the number of a session
-- advisory lock: while it is locked, its process is there; once it is free, its
-- rows mean nothing. A crash of the server empties the table, and ends all
-- sessions with it.
CREATE UNLOGGED TABLE claims (
    key    bytea   PRIMARY KEY, -- translator.Key, 16 bytes
    holder integer NOT NULL
);

-- Rows come and go all the time.
ALTER TABLE claims SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE SEQUENCE holders AS integer CYCLE;
