package sqlite

import (
	"context"
	"errors"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dragoman/translator"
)

// remedies says what SQLite's result codes mean to a user (sqlite.org/rescode.html).
var remedies = map[int]struct {
	kind translator.Kind
	hint string
}{
	sqlite3.SQLITE_BUSY:     {translator.Unavailable, "another program holds the store: wait for it, or end it, and run again"},
	sqlite3.SQLITE_LOCKED:   {translator.Unavailable, "another program holds the store: wait for it, or end it, and run again"},
	sqlite3.SQLITE_FULL:     {translator.Unavailable, "the disk is full: make room and run again, nothing saved is lost"},
	sqlite3.SQLITE_IOERR:    {translator.Unavailable, "the disk failed: look at the system's log, and keep a copy of the store before anything else"},
	sqlite3.SQLITE_CANTOPEN: {translator.Invalid, "the store's folder must be there and writable: SQLite keeps files beside the store"},
	sqlite3.SQLITE_PERM:     {translator.Invalid, "give this user the right to write the store and its folder"},
	sqlite3.SQLITE_AUTH:     {translator.Invalid, "give this user the right to write the store and its folder"},
	sqlite3.SQLITE_READONLY: {translator.Invalid, "give this user the right to write the store and its folder"},
	sqlite3.SQLITE_NOTADB:   {translator.Invalid, "the file is damaged or no store: put a copy back, or name another file"},
	sqlite3.SQLITE_CORRUPT:  {translator.Invalid, "the file is damaged: put a copy back, or save what is left of it with sqlite3's .recover"},
}

// fail makes an *Error of what SQLite said. Errors of translator pass as they
// are. Once ctx is done its error is the one that counts: what comes from below
// then only says where the work was cut off, as "statement is closed".
func (s *Store) fail(ctx context.Context, doing string, err error) error {
	if err == nil || known(err) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	made := &translator.Error{Op: "store " + s.path + ": " + doing, Err: err}
	if remedy, ok := remedies[resultCode(err)]; ok {
		made.Kind, made.Hint = remedy.kind, remedy.hint
	} else if errors.Is(err, fs.ErrPermission) {
		made.Kind, made.Hint = translator.Invalid, remedies[sqlite3.SQLITE_PERM].hint
	}
	return made
}

// resultCode returns SQLite's primary result code, without what says which call failed, and 0 for an error of others.
func resultCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

func known(err error) bool {
	_, isError := errors.AsType[*translator.Error](err)
	_, isBudget := errors.AsType[*translator.BudgetError](err)
	return isError || isBudget
}
