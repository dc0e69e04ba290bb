// Package sqlite keeps memory, ledger and submitted stories in one SQLite file, without CGO.
//
// The file is in WAL mode: any number of processes may use it at once, one of
// them writing at a time, and a crash at any point leaves what was committed.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"dragoman/translator"
)

// A Store is a translator.Store, Archive, Ledger, Journal, Register and Stories
// on one file. It is safe for concurrent use, also by several processes.
type Store struct {
	path     string      // without links, as SQLite names the files beside it
	file     os.FileInfo // what it was when it was opened
	writer   *sql.DB     // one connection, so that this process never waits for itself in SQLite
	readers  *sql.DB     // read-only connections
	prepared statements
	register registerStatements
	ids      sync.Map // of name to its id, of those that are committed
	group    group
	folder   folder
	lookup   *sql.Stmt // of a full chunk of keys
	names    names
	damaged  func(translator.Key)
	broken   func(translator.VersionID)
}

var (
	_ translator.Store             = (*Store)(nil)
	_ translator.Archive           = (*Store)(nil)
	_ translator.Ledger            = (*Store)(nil)
	_ translator.Journal           = (*Store)(nil)
	_ translator.Register[*sql.Tx] = (*Store)(nil)
	_ translator.Stories           = (*Store)(nil)
	_ io.Closer                    = (*Store)(nil)
)

// Options holds what may be changed about a Store. A nil *Options is all zero.
type Options struct {
	// Damaged is told of each row read that no longer matches its checksum,
	// and is otherwise treated as absent; saving the entry again heals it.
	// The key may itself be damaged. Calls may come from several goroutines.
	Damaged func(translator.Key)
	// DamagedVersion is told of each version read that no longer matches its
	// checksums. It is read as a failed one, whose Reason says what to do.
	// Calls may come from several goroutines.
	DamagedVersion func(translator.VersionID)
	// Existing refuses a store that is missing, instead of making it.
	Existing bool
	// AsIs refuses a store of an older schema, instead of bringing it up to
	// date: an older program may be at work on it.
	AsIs bool
	// Waiting is told once who holds the store's lock, when its schema must
	// be brought up to date and another run is at work. See Store.Lock.
	Waiting func(holder string)
}

// Open opens the store at a path or sqlite: URL, and makes it if it is
// missing, readable for its owner alone, unless Options say otherwise. An older schema is brought up to date.
// Its errors are Invalid or Unavailable and say what to do.
func Open(ctx context.Context, location string, opts *Options) (*Store, error) {
	if opts == nil {
		opts = &Options{}
	}
	path, err := parseLocation(location)
	if err != nil {
		return nil, err
	}
	if err := prepareFile(path, opts.Existing); err != nil {
		return nil, err
	}
	path, file, err := resolve(path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, file: file, damaged: opts.Damaged, broken: opts.DamagedVersion, group: newGroup()}
	if err := s.open(ctx, opts); err != nil {
		return nil, errors.Join(s.fail(ctx, "open", err), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, opts *Options) error {
	var err error
	if s.writer, err = openWriter(ctx, s.path); err != nil {
		return err
	}
	if err := s.migrate(ctx, opts); err != nil {
		return err
	}
	if s.readers, err = openReaders(s.path); err != nil {
		return err
	}
	if s.folder.db, err = openFolder(s.path); err != nil {
		return err
	}
	if s.prepared, err = prepareStatements(ctx, s.writer); err != nil {
		return err
	}
	if s.register, err = prepareRegister(ctx, s.writer); err != nil {
		return err
	}
	s.lookup, err = s.readers.PrepareContext(ctx, lookupQuery(lookupChunk))
	return err
}

// DB returns the one connection that writes, for a job queue in the same file,
// whose transactions then wait for the store's and the store's for them in one
// line. Whoever holds a transaction of it, or is called within one, must not
// call a method of Store that writes, and nothing that asks DB again: that waits for ever.
func (s *Store) DB() *sql.DB { return s.writer }

// Identity returns what no other store on this machine returns, or an
// Unavailable error if the file was moved or deleted meanwhile.
func (s *Store) Identity(context.Context) (string, error) { return "sqlite:" + s.path, s.inPlace() }

// resolve follows links, so that a file has one lock whatever it is called by.
func resolve(path string) (string, os.FileInfo, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", nil, fileError(path, err)
	}
	file, err := os.Stat(real)
	if err != nil {
		return "", nil, fileError(path, err)
	}
	return real, file, nil
}

// inPlace tells whether the path still names the file that is open. SQLite goes
// on with one that does not, and what it writes is lost or hard to find.
func (s *Store) inPlace() error {
	if now, err := os.Stat(s.path); err == nil && os.SameFile(s.file, now) {
		return nil
	}
	return &translator.Error{
		Op: "store " + s.path, Kind: translator.Unavailable, Err: errors.New("the file was moved, replaced or deleted while it was in use"),
		Hint: fmt.Sprintf("put it back, or move %s-wal, which holds what was written last, to where the file is now and under its name, before anything opens either", s.path),
	}
}

// Close closes the store's connections. The last process to do so folds the
// write-ahead log into the file, for which the writer must be the last to go.
// It fails if the file is not in its place.
func (s *Store) Close() error {
	s.group.turn <- struct{}{} // no transaction is under way from here on
	defer func() { <-s.group.turn }()
	errs := []error{s.inPlace(), s.folder.close()}
	for _, db := range [...]*sql.DB{s.readers, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
