package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"dragoman/translator"
)

// lockPause is how often a waiting run looks whether the lock is free.
const lockPause = 100 * time.Millisecond

// Lock makes this run the only one at work on the store; the file is safe
// without it, but two runs would pay for the same sentences. While another run
// holds it, Lock calls waiting once with who that is (it may be nil), and
// waits until the lock is free or ctx is done. The lock ends with its process, however that ends.
func (s *Store) Lock(ctx context.Context, waiting func(holder string)) (unlock func() error, err error) {
	lock := flock.New(s.lockPath())
	locked, err := lock.TryLock()
	if err == nil && !locked {
		if waiting != nil {
			waiting(readHolder(lock.Path()))
		}
		locked, err = lock.TryLockContext(ctx, lockPause)
	}
	if err != nil || !locked {
		return nil, s.fail(ctx, "lock", errors.Join(err, lock.Close()))
	}
	return s.hold(lock, ""), nil
}

// TryLock is Lock for who must not wait, as a second server: where another run
// is at work it returns at once an Unavailable error that says who that is. Who
// has the lock only to bring the schema up to date is waited for.
func (s *Store) TryLock(ctx context.Context) (unlock func() error, err error) {
	lock := flock.New(s.lockPath())
	for try := 0; ; try++ {
		locked, err := lock.TryLock()
		if err != nil {
			return nil, s.fail(ctx, "lock", errors.Join(err, lock.Close()))
		}
		if locked {
			return s.hold(lock, ""), nil
		}
		if holder := readHolder(lock.Path()); !passing(holder, try) {
			cause := fmt.Errorf("another run is at work on it: %s", holder)
			return nil, errors.Join(&translator.Error{
				Op: "store " + s.path, Kind: translator.Unavailable, Err: cause,
				Hint: "one process at a time works a SQLite store: end that one, or use a PostgreSQL store for several",
			}, lock.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), lock.Close())
		case <-time.After(lockPause):
		}
	}
}

func (s *Store) lockPath() string { return s.path + ".lock" }

// hold writes into a lock that this process has who it is, and if only for a
// while, what for. That is for people: on a full disk the lock holds without.
func (s *Store) hold(lock *flock.Flock, what string) (unlock func() error) {
	path := lock.Path()
	_ = writeHolder(path, what)
	return func() error {
		// Emptied, not removed: a removed file could be locked twice, by one
		// run that had it open and by one that makes it anew.
		return errors.Join(os.Truncate(path, 0), lock.Unlock())
	}
}

// forMigration ends what a holder writes that brings the schema up to date.
const forMigration = ", to bring it up to date"

func writeHolder(path, what string) error {
	holder := fmt.Sprintf("process %d, since %s%s\n", os.Getpid(), time.Now().UTC().Format(time.RFC3339), what)
	return os.WriteFile(path, []byte(holder), 0o600)
}

// unnamed stands for a holder that has not said yet who it is, that is about to
// leave, or whose disk is full.
const unnamed = "another process"

// readHolder returns what the holder wrote of itself, for people to read.
func readHolder(path string) string {
	b, err := os.ReadFile(path)
	holder := strings.TrimSpace(string(b))
	if err != nil || holder == "" {
		return unnamed
	}
	return holder
}

// unnamedTries is how often a holder is looked at that has not said who it is.
const unnamedTries = 10

// passing tells whether a holder may leave soon, without work to be done first.
func passing(holder string, try int) bool {
	return holder == unnamed && try < unnamedTries || strings.HasSuffix(holder, forMigration)
}
