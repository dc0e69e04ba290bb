package main

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator/store/sqlite"
)

// Who waited for the lock asks the store nothing any more when it has it: the
// store may be closed then.
func TestUnderLockLeavesNobodyAsking(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	store, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	unlock, err := store.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var asking atomic.Bool
	asked := make(chan struct{})
	go func() {
		<-asked
		if err := unlock(); err != nil {
			t.Error(err)
		}
	}()
	current := func(ctx context.Context) (bool, error) {
		asking.Store(true)
		defer asking.Store(false)
		close(asked)
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond)
		return false, ctx.Err()
	}
	did := false
	err = underLock(t.Context(), store, current, func(string) {}, func(context.Context) error { did = true; return nil })
	if err != nil || !did || asking.Load() {
		t.Errorf("%v; it was done: %v; still asking: %v", err, did, asking.Load())
	}
}
