package postgres

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
)

// TestAsIs opens a store of an older schema without touching it, which it cannot.
func TestAsIs(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	asIs := &Options{Existing: true, AsIs: true}
	mustOpen(t, location, nil)
	mustOpen(t, location, asIs)
	const last = "DELETE FROM dragoman.goose_db_version WHERE version_id = (SELECT max(version_id) FROM dragoman.goose_db_version)"
	if err := postgrestest.Exec(t.Context(), location, last); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), location, asIs)
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, translator.Invalid) || !strings.Contains(fmt.Sprint(err), "older dragoman") || translator.HintOf(err) == "" {
		t.Errorf("an old store: %v", err)
	}
}

// TestIdentity opens one store twice, and another. (pg_control_system may be
// read by everybody: tried with a role that has no more than USAGE and SELECT.)
func TestIdentity(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	var got [3]string
	for i, at := range [...]string{location, location + "&application_name=another", postgrestest.Database(t)} {
		if !strings.Contains(at, "?") {
			at = strings.Replace(at, "&", "?", 1)
		}
		var err error
		if got[i], err = mustOpen(t, at, nil).Identity(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got[0] != got[1] || got[0] == got[2] {
		t.Errorf("one store is %s and %s, another %s", got[0], got[1], got[2])
	}
}
