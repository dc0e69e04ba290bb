// Package storetest is the suite that every store passes: each sentence of the
// contracts translator.Store, Archive, Ledger, Journal, Register and Stories is a test.
package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"dragoman/translator"
)

// A Store is all that a database has to do for Dragoman.
type Store interface {
	translator.Store
	translator.Archive
	translator.Ledger
	translator.Journal
}

// A Harness is one empty store to test.
type Harness struct {
	Store Store
	// Reopen closes the store and opens it again, as the next run of the
	// program would. It is nil for a store that keeps nothing.
	Reopen func(t *testing.T) Store
}

// Run tests a store. Each call of open returns a new one, which lives as long
// as the test it is given.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	tests := []struct {
		name string
		test func(*testing.T, Harness)
	}{
		{"lookup/empty", lookupEmpty},
		{"lookup/sizes", lookupSizes},
		{"lookup/repeated keys", lookupRepeated},
		{"save/round trip", saveRoundTrip},
		{"save/several signatures", saveSignatures},
		{"save/last wins", saveLastWins},
		{"save/all or none", saveAllOrNone},
		{"save/survives", saveSurvives},
		{"save/concurrent", saveConcurrent},
		{"save/flags", saveFlags},
		{"save/flags refused", saveFlagsRefused},
		{"context", contextDone},
		{"archive/entries in order", entriesOrder},
		{"archive/entries stop", entriesStop},
		{"archive/save while reading", entriesWhileSaving},
		{"archive/stats", stats},
		{"search/words", searchWords},
		{"search/folding", searchFolding},
		{"search/best first", searchBest},
		{"search/last saved", searchReplaced},
		{"search/hostile", searchHostile},
		{"ledger/windows", ledgerWindows},
		{"ledger/any window", ledgerAnyWindow},
		{"ledger/settle", ledgerSettle},
		{"ledger/settle once", ledgerSettleOnce},
		{"ledger/limits", ledgerLimits},
		{"ledger/refusal writes nothing", ledgerRefusal},
		{"ledger/limits together", ledgerConcurrent},
		{"ledger/survives", ledgerSurvives},
		{"journal/round trip", journalRoundTrip},
		{"journal/windows", journalWindows},
		{"journal/many shares", journalManyShares},
		{"journal/many lines", journalManyLines},
		{"journal/stops", journalStops},
		{"journal/while writing", journalWhileWriting},
		{"journal/survives", journalSurvives},
		{"journal/refusal", journalRefusal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.test(t, open(t))
		})
	}
}

var (
	arabicEnglish = translator.Direction{From: translator.Arabic, To: translator.English}
	englishArabic = translator.Direction{From: translator.English, To: translator.Arabic}
	noon          = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
)

const google translator.Signature = "google:v3|general/nmt|glossary:none"

// entry returns a machine's entry.
func entry(dir translator.Direction, signature translator.Signature, source, target string) translator.Entry {
	return translator.Entry{
		Key: translator.KeyOf(dir, source), Direction: dir, Source: source, Target: target,
		Origin: translator.Origin{Kind: translator.Machine, Signature: signature, Time: noon},
	}
}

// numbered returns n entries with different sources.
func numbered(n int, signature translator.Signature) []translator.Entry {
	entries := make([]translator.Entry, n)
	for i := range entries {
		entries[i] = entry(arabicEnglish, signature, fmt.Sprintf("الخبر رقم %d", i), fmt.Sprintf("Item number %d", i))
	}
	return entries
}

func keysOf(entries []translator.Entry) []translator.Key {
	keys := make([]translator.Key, len(entries))
	for i, e := range entries {
		keys[i] = e.Key
	}
	return keys
}

func save(t *testing.T, s translator.Store, entries ...translator.Entry) {
	t.Helper()
	if err := s.Save(t.Context(), entries); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

func lookup(t *testing.T, s translator.Store, keys ...translator.Key) map[translator.Key][]translator.Entry {
	t.Helper()
	found, err := s.Lookup(t.Context(), keys)
	if err != nil {
		t.Fatalf("Lookup: %v", err)
	}
	return found
}

// same compares entries or lines, which hold slices.
func same[T any](a, b T) bool { return reflect.DeepEqual(a, b) }
