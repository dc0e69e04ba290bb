package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
)

// foldEvery is how many transactions lie between two foldings of the
// write-ahead log into the file. One with a request's answers is 100 to 200
// pages long.
const foldEvery = 16

// A folder folds the write-ahead log into the file beside the work, over a
// connection of its own. SQLite would do it within a commit, for which the
// answers of all connections then wait. PASSIVE waits for nobody and holds
// nobody up; what it leaves, the next one takes, and SQLite itself does at
// writerPages.
type folder struct {
	db    *sql.DB
	since atomic.Int64 // transactions since the last one
	busy  atomic.Bool
	runs  sync.WaitGroup
}

// committed counts a transaction, and begins to fold if it is time. An error
// is of no consequence: the log stays longer, and Close folds it.
func (f *folder) committed() {
	if f.since.Add(1) < foldEvery || !f.busy.CompareAndSwap(false, true) {
		return
	}
	f.since.Store(0)
	f.runs.Go(func() {
		defer f.busy.Store(false)
		_, _ = f.db.ExecContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
	})
}

// close waits for the folding that is under way.
func (f *folder) close() error {
	f.runs.Wait()
	if f.db == nil {
		return nil
	}
	return f.db.Close()
}
