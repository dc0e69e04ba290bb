package postgres

import (
	"context"
	"testing"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
)

// TestNamesAreNotForgotten loads names as one who began before the last ones
// were made, and as one whose database is lost in the middle.
func TestNamesAreNotForgotten(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, postgrestest.Database(t), nil)
	if err := s.Save(t.Context(), []translator.Entry{entry("جملة", "sentence")}); err != nil {
		t.Fatal(err)
	}
	if err := s.names.load(t.Context(), s.pool); err != nil {
		t.Fatal(err)
	}
	s.names.signatures[77], s.names.directions[78] = "engine:new", translator.Direction{From: "ar", To: "fr"}
	if err := s.names.load(t.Context(), s.pool); err != nil {
		t.Fatal(err)
	}
	lost, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.names.load(lost, s.pool); err == nil {
		t.Error("a load that was stopped has no error")
	}
	for _, r := range []row{{signature: 77, direction: 78}, {signature: 1, direction: 1}} {
		if !s.names.find(&r) || r.entry.Direction.To == "" {
			t.Errorf("%d and %d mean nothing any more", r.signature, r.direction)
		}
	}
}
