package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// busyMillis is how long a writer waits for another process's transaction.
// The longest is the save of an import's batch, well below a second.
const busyMillis = 30_000

// busyPause is how long untilFree waits between two attempts.
const busyPause = 10 * time.Millisecond

// readerConnections bounds concurrent lookups. A lookup is work for a
// processor, not for a disk, so that more would only wait for each other.
const readerConnections = 4

// cacheKiB is how much of the file each connection keeps in memory, against
// 2 MB as SQLite has it: enough for the inner pages of the index of ten
// million keys. The system caches the rest. It bounds what grows of a run's
// memory while its store grows.
const cacheKiB = 4 << 10

// writerPages is how long the write-ahead log gets before a commit folds what
// the folder has left of it: 8 MB. A longer one saves nothing, and takes Close
// longer to fold: 0.25 s for 32 MB, 0.07 s for this.
const writerPages = 2000

// openWriter opens the one connection that writes.
//
// synchronous is FULL: each commit is on the disk before Save or Reserve
// returns. NORMAL would sync at checkpoints only: a killed process would still
// lose nothing, but a power cut could take back the last commits, which are
// answers paid for and ledger lines of requests already sent.
func openWriter(ctx context.Context, path string) (*sql.DB, error) {
	query := url.Values{
		"mode":    {"rw"},
		"_txlock": {"immediate"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyMillis),
			fmt.Sprintf("cache_size(-%d)", cacheKiB),
			"foreign_keys(1)", "journal_mode(WAL)", "synchronous(FULL)", fmt.Sprintf("wal_autocheckpoint(%d)", writerPages),
		},
	}
	db, err := sql.Open("sqlite", dsn(path, query))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := untilFree(ctx, func() error { return verify(ctx, db, path) }); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// untilFree connects as long as the file is busy, for busyMillis in all. To
// turn on the write-ahead log, a connection that reads the file asks to be
// alone at it: SQLite does not let two of those wait for each other, and one of
// two processes that meet at a new file, or at a backup, is refused at once.
func untilFree(ctx context.Context, connect func() error) error {
	for end := time.Now().Add(busyMillis * time.Millisecond); ; {
		err := connect()
		if resultCode(err) != sqlite3.SQLITE_BUSY || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busyPause):
		}
	}
}

// openFolder opens the connection that folds the log; see folder.
func openFolder(path string) (*sql.DB, error) {
	query := url.Values{
		"mode":    {"rw"},
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyMillis), "synchronous(FULL)"},
	}
	db, err := sql.Open("sqlite", dsn(path, query))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func openReaders(path string) (*sql.DB, error) {
	query := url.Values{
		"mode": {"ro"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyMillis),
			fmt.Sprintf("cache_size(-%d)", cacheKiB), "query_only(1)",
		},
	}
	db, err := sql.Open("sqlite", dsn(path, query))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readerConnections)
	db.SetMaxIdleConns(readerConnections)
	return db, nil
}

// backupQuery opens what a backup reads.
var backupQuery = url.Values{"mode": {"ro"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", busyMillis)}}

// dsn writes an absolute path as the file: URI that SQLite reads; escaping
// keeps a ? or % in it from being taken for parameters.
func dsn(path string, query url.Values) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/dragoman.db
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: query.Encode()}
	return u.String()
}

// verify reads the settings back: SQLite and its driver ignore what they do not
// know, and some file systems cannot bear a write-ahead log.
func verify(ctx context.Context, db *sql.DB, path string) error {
	wanted := [...]struct{ pragma, value string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"},
		{"busy_timeout", fmt.Sprint(busyMillis)},
	}
	for _, w := range wanted {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+w.pragma).Scan(&got); err != nil {
			return err
		}
		if got != w.value {
			return invalid(path, "keep the store on a local disk: network file systems cannot bear SQLite's write-ahead log",
				fmt.Errorf("%s is %q instead of %q", w.pragma, got, w.value))
		}
	}
	return nil
}
