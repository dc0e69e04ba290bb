package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"dragoman/translator"
)

// shareChunk is how many shares one statement writes: 500 in one line take
// half as long as one by one.
const shareChunk = 100

// addStories makes the stories of n names that are new.
func addStories(n int) string {
	return "INSERT INTO stories (name) VALUES (?)" + strings.Repeat(",(?)", n-1) + " ON CONFLICT DO NOTHING"
}

// addShares writes n shares of a line: its id, and of each share its place, its
// story's name, its version, its texts and its size.
func addShares(n int) string {
	return `INSERT INTO shares (line_id, place, story_id, version, texts, size)
		SELECT ?, v.column1, s.id, v.column3, v.column4, v.column5
		FROM (VALUES (?,?,?,?,?)` + strings.Repeat(",(?,?,?,?,?)", n-1) + `) v CROSS JOIN stories s ON s.name = v.column2`
}

// writeShares writes what each story has of a line.
func (s *Store) writeShares(ctx context.Context, tx *sql.Tx, line translator.LineID, shares []translator.Share) error {
	place := 0
	for chunk := range slices.Chunk(shares, shareChunk) {
		names, rows := make([]any, 0, len(chunk)), make([]any, 0, 1+5*len(chunk))
		rows = append(rows, int64(line))
		for _, share := range chunk {
			names = append(names, share.Story)
			rows = append(rows, place, share.Story, share.Version[:], share.Texts, share.Size)
			place++
		}
		if err := s.writeShareChunk(ctx, tx, names, rows); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) writeShareChunk(ctx context.Context, tx *sql.Tx, names, rows []any) error {
	stories, shares := s.prepared.stories, s.prepared.shares
	if n := len(names); n < shareChunk {
		if _, err := tx.ExecContext(ctx, addStories(n), names...); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, addShares(n), rows...)
		return err
	}
	if _, err := tx.StmtContext(ctx, stories).ExecContext(ctx, names...); err != nil {
		return err
	}
	_, err := tx.StmtContext(ctx, shares).ExecContext(ctx, rows...)
	return err
}
