-- +goose Up

-- What a reader must know of an entry: names of package quality's rules, with
-- a space between them; '' is nothing. The checksum covers it where it is not
-- empty, so that rows from before it stay valid.
ALTER TABLE memory ADD COLUMN flags TEXT NOT NULL DEFAULT '';

-- 1 where billed_size is the service's own word.
ALTER TABLE lines ADD COLUMN said INTEGER NOT NULL DEFAULT 0;

-- Article.ID, which the lines of a long story share.
CREATE TABLE stories (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- What each story has of a line, in the order in which the line names them.
CREATE TABLE shares (
    line_id  INTEGER NOT NULL REFERENCES lines (id),
    place    INTEGER NOT NULL, -- among the line's shares, from 0
    story_id INTEGER NOT NULL REFERENCES stories (id),
    texts    INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    PRIMARY KEY (line_id, place)
) STRICT, WITHOUT ROWID;
