-- +goose Up

-- What was submitted under one name.
CREATE TABLE batches (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    name      TEXT    NOT NULL UNIQUE,
    submitted INTEGER NOT NULL -- microseconds since 1970, UTC
) STRICT;

-- One version of one story in one direction: small rows, for whoever lists or
-- counts them. The first checksum covers what was submitted, the second what
-- became of it; see version.go.
CREATE TABLE versions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- an id never comes again
    direction_id INTEGER NOT NULL REFERENCES directions (id),
    story_id     INTEGER NOT NULL REFERENCES stories (id),
    digest       BLOB    NOT NULL, -- 16 bytes
    path         TEXT    NOT NULL,
    priority     INTEGER NOT NULL,
    submitted    INTEGER NOT NULL, -- microseconds since 1970, UTC
    article_sum  INTEGER NOT NULL, -- CRC-32C of articles.content
    checksum     INTEGER NOT NULL,
    state        TEXT    NOT NULL, -- translator.State
    kind         TEXT    NOT NULL, -- of the reason: translator.Kind in words, '' is no reason
    reason       TEXT    NOT NULL,
    hint         TEXT    NOT NULL,
    changed      INTEGER NOT NULL, -- microseconds since 1970, UTC
    latest       INTEGER NOT NULL, -- grows with each submission: tells the newest version of a story
    result_sum   INTEGER,          -- CRC-32C of results.content, NULL without one
    state_sum    INTEGER NOT NULL,
    UNIQUE (story_id, direction_id, digest)
) STRICT;

CREATE UNIQUE INDEX versions_latest ON versions (latest);

-- Apart from versions, so that a change of state does not write them again.
CREATE TABLE articles (
    version_id INTEGER PRIMARY KEY REFERENCES versions (id),
    content    BLOB NOT NULL
) STRICT;

CREATE TABLE results (
    version_id INTEGER PRIMARY KEY REFERENCES versions (id),
    content    BLOB NOT NULL
) STRICT;

-- The versions of each batch, in the order in which they joined it.
CREATE TABLE submissions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id   INTEGER NOT NULL REFERENCES batches (id),
    version_id INTEGER NOT NULL REFERENCES versions (id),
    UNIQUE (batch_id, version_id)
) STRICT;
