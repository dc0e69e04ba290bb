package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes the store as it is at one moment into a new file, with all that
// shares its file, as a queue's jobs. Others read and write meanwhile. The file
// has its name once it is whole and on the disk.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = errors.New("there is such a file already")
		}
		return invalid(path, "name a file that is not there yet", err)
	}
	part, err := newPart(path)
	if err != nil {
		return s.fail(ctx, fmt.Sprintf("back up to %s", path), err)
	}
	err = writeBackup(ctx, s.path, part)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err == nil {
		err = syncFile(filepath.Dir(path))
	}
	if err != nil {
		if removeErr := os.Remove(part); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
		return s.fail(ctx, fmt.Sprintf("back up to %s", path), err)
	}
	return nil
}

// newPart makes the file that a backup is written to, of a name that nobody
// has, and readable for its owner alone: SQLite takes one that is empty.
func newPart(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return "", fileError(path, err)
	}
	return f.Name(), f.Close()
}

func writeBackup(ctx context.Context, store, part string) error {
	// A connection of its own: those of readers may write nothing, not even elsewhere.
	db, err := sql.Open("sqlite", dsn(store, backupQuery))
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(db.Close(), syncFile(part))
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
