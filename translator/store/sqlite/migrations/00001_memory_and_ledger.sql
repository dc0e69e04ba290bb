-- +goose Up

-- "Drag": tells a store from another program's database.
PRAGMA application_id = 1148346727;

-- Long names that millions of rows share.
CREATE TABLE signatures (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE directions (
    id     INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    UNIQUE (source, target)
) STRICT;

CREATE TABLE runs (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- A rowid table with a small index: values append in order and only the index
-- is random, which fills half again as fast as WITHOUT ROWID.
CREATE TABLE memory (
    id           INTEGER PRIMARY KEY,
    key          BLOB    NOT NULL, -- translator.Key, 16 bytes
    signature_id INTEGER NOT NULL REFERENCES signatures (id),
    direction_id INTEGER NOT NULL REFERENCES directions (id),
    kind         TEXT    NOT NULL, -- translator.OriginKind
    time         INTEGER NOT NULL, -- seconds since 1970, UTC
    checksum     INTEGER NOT NULL, -- CRC-32C of the whole entry, see checksum.go
    source       TEXT    NOT NULL,
    target       TEXT    NOT NULL,
    UNIQUE (key, signature_id)
) STRICT;

-- Words in search form, split and joined by spaces before they come here, so
-- that the tokenizer has nothing to decide. The text itself stays in memory.
-- They are brought up to date by a search, not by a save: that would take two
-- thirds of the time in which an answer that is paid for is not yet safe.
CREATE VIRTUAL TABLE memory_words USING fts5 (
    source, target, content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- The last row of memory whose words are there, and the rows up to it that
-- have changed since.
CREATE TABLE indexed (upto INTEGER NOT NULL) STRICT;
INSERT INTO indexed VALUES (0);
CREATE TABLE changed (id INTEGER PRIMARY KEY) STRICT;
-- +goose StatementBegin
CREATE TRIGGER memory_changed AFTER UPDATE ON memory WHEN old.id <= (SELECT upto FROM indexed) BEGIN
    INSERT OR IGNORE INTO changed VALUES (old.id);
END;
-- +goose StatementEnd

CREATE TABLE lines (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id       INTEGER NOT NULL REFERENCES runs (id),
    backend      TEXT    NOT NULL,
    signature_id INTEGER NOT NULL REFERENCES signatures (id),
    direction_id INTEGER NOT NULL REFERENCES directions (id),
    texts        INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    cost         INTEGER NOT NULL, -- millionths of a dollar
    time         INTEGER NOT NULL, -- microseconds since 1970, UTC
    billed_size  INTEGER,          -- these three are NULL while the line is open
    billed_cost  INTEGER,
    billed_time  INTEGER
) STRICT;

CREATE INDEX lines_time ON lines (time);

-- Running sums of lines by quarter of an hour and run, kept by the same
-- transactions that write lines, so that a limit is checked in microseconds
-- however long the ledger is. Every time zone in use today is a whole number of
-- quarters from UTC: a day or month there begins where a quarter begins.
CREATE TABLE totals (
    quarter   INTEGER NOT NULL, -- quarters of an hour since 1970, UTC
    run_id    INTEGER NOT NULL REFERENCES runs (id),
    requests  INTEGER NOT NULL,
    size      INTEGER NOT NULL,
    cost      INTEGER NOT NULL,
    open      INTEGER NOT NULL,
    open_size INTEGER NOT NULL,
    open_cost INTEGER NOT NULL,
    PRIMARY KEY (quarter, run_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX totals_run ON totals (run_id, quarter);
