-- +goose Up

-- What was submitted under one name.
CREATE TABLE batches (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      bytea  NOT NULL,
    submitted bigint NOT NULL -- microseconds since 1970, UTC
);

CREATE UNIQUE INDEX batches_name ON batches (sha256(name));

-- Grows with each submission: tells the newest version of a story.
CREATE SEQUENCE submitted;

-- One version of one story in one direction.
CREATE TABLE versions (
    id           bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    latest       bigint  NOT NULL DEFAULT nextval('submitted'),
    story_id     bigint  NOT NULL REFERENCES stories (id),
    submitted    bigint  NOT NULL, -- microseconds since 1970, UTC
    changed      bigint  NOT NULL, -- microseconds since 1970, UTC
    direction_id integer NOT NULL REFERENCES directions (id),
    priority     integer NOT NULL,
    state        text    NOT NULL, -- translator.State
    kind         text    NOT NULL, -- of the reason: translator.Kind in words, '' is no reason
    digest       bytea   NOT NULL, -- 16 bytes
    path         bytea   NOT NULL,
    reason       bytea   NOT NULL,
    hint         bytea   NOT NULL,
    article      bytea   NOT NULL,
    result       bytea,
    UNIQUE (story_id, direction_id, digest)
);

CREATE UNIQUE INDEX versions_latest ON versions (latest);

-- Articles and results stand beside the table, whatever their size: rows stay
-- small for whoever lists or counts them, and a change of state does not write
-- an article again.
ALTER TABLE versions SET (toast_tuple_target = 128);

-- The versions of each batch, in the order in which they joined it.
CREATE TABLE submissions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id   bigint NOT NULL REFERENCES batches (id),
    version_id bigint NOT NULL REFERENCES versions (id),
    UNIQUE (batch_id, version_id)
);
