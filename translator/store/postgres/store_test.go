package postgres

import (
	"os"
	"testing"

	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m).Run()) }

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		url := postgrestest.Database(t)
		s := mustOpen(t, url, nil)
		return storetest.Harness{Store: s, Reopen: func(t *testing.T) storetest.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return mustOpen(t, url, nil)
		}}
	})
}

// mustOpen opens a store that lives as long as the test.
func mustOpen(t testing.TB, url string, opts *Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
