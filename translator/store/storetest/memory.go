package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
)

func lookupEmpty(t *testing.T, h Harness) {
	if got := lookup(t, h.Store); len(got) != 0 {
		t.Errorf("Lookup of nothing found %v", got)
	}
	if got := lookup(t, h.Store, translator.KeyOf(arabicEnglish, "لم يرد")); len(got) != 0 {
		t.Errorf("an empty store found %v", got)
	}
	save(t, h.Store) // nothing, and no error
}

func lookupSizes(t *testing.T, h Harness) {
	entries := numbered(5000, google)
	save(t, h.Store, entries...)
	for _, n := range []int{1, 2, 999, 1000, 1001, 5000} {
		missing := translator.KeyOf(englishArabic, "never saved")
		got := lookup(t, h.Store, append(keysOf(entries[:n]), missing)...)
		if len(got) != n {
			t.Errorf("%d keys and a missing one: found %d", n, len(got))
		}
		for _, e := range entries[:n] {
			if es := got[e.Key]; len(es) != 1 || !same(es[0], e) {
				t.Fatalf("%d keys: %v, want %v", n, es, e)
			}
		}
	}
}

func lookupRepeated(t *testing.T, h Harness) {
	e := entry(arabicEnglish, google, "عاجل", "Urgent")
	save(t, h.Store, e)
	keys := make([]translator.Key, 2500)
	for i := range keys {
		keys[i] = e.Key
	}
	if got := lookup(t, h.Store, keys...); len(got) != 1 || len(got[e.Key]) != 1 {
		t.Errorf("a key asked %d times has %d entries, want 1", len(keys), len(got[e.Key]))
	}
	if keys[0] != e.Key {
		t.Error("Lookup changed its argument")
	}
}

func saveRoundTrip(t *testing.T, h Harness) {
	texts := map[string]string{
		"arabic":        "قال الوزير: «لن نتراجع» – 12,5 في المئة",
		"harakat":       "مُحَمَّدٌ",
		"emoji":         "👩‍👩‍👧 ok",
		"nul":           "a\x00b",
		"quotes":        `'; DROP TABLE memory; -- "`,
		"invalid utf-8": "\xff\xfe",
		"newlines":      "one\r\ntwo\ttab",
		"empty":         "",
		"long":          strings.Repeat("خبر طويل ", 120_000),
	}
	for name, text := range texts {
		e := entry(arabicEnglish, translator.Signature("engine:"+text[:min(len(text), 40)]), text, text)
		save(t, h.Store, e)
		got := lookup(t, h.Store, e.Key)[e.Key]
		if len(got) != 1 || !same(got[0], e) {
			t.Errorf("%s came back changed: %.200q", name, fmt.Sprint(got))
		}
	}
	for _, kind := range []translator.OriginKind{translator.Human, translator.Seed, translator.Machine, translator.Aligned, translator.Pseudo} {
		e := entry(englishArabic, google, "Kind "+string(kind), "نوع")
		e.Origin.Kind = kind
		e.Origin.Time = time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC)
		save(t, h.Store, e)
		if got := lookup(t, h.Store, e.Key)[e.Key]; len(got) != 1 || !same(got[0], e) {
			t.Errorf("%v, want %v", got, e)
		}
	}
	zero := entry(englishArabic, google, "No time", "بلا وقت")
	zero.Origin.Time = time.Time{}
	save(t, h.Store, zero)
	if got := lookup(t, h.Store, zero.Key)[zero.Key]; len(got) != 1 || !got[0].Origin.Time.IsZero() {
		t.Errorf("the zero time became %v", got)
	}
}

func saveSignatures(t *testing.T, h Harness) {
	signatures := []translator.Signature{"b:2", translator.SeedSignature, "a:1", translator.HumanSignature, "ب"}
	for _, s := range signatures {
		save(t, h.Store, entry(arabicEnglish, s, "عاجل", "from "+string(s)))
	}
	key := translator.KeyOf(arabicEnglish, "عاجل")
	var got []translator.Signature
	for _, e := range lookup(t, h.Store, key)[key] {
		got = append(got, e.Origin.Signature)
		if want := "from " + string(e.Origin.Signature); e.Target != want {
			t.Errorf("target %q, want %q", e.Target, want)
		}
	}
	want := []translator.Signature{"a:1", "b:2", translator.HumanSignature, translator.SeedSignature, "ب"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("signatures %q, want %q", got, want)
	}
}

func saveLastWins(t *testing.T, h Harness) {
	first := entry(arabicEnglish, google, "عاجل", "Urgent")
	other := entry(arabicEnglish, translator.HumanSignature, "عاجل", "Breaking")
	save(t, h.Store, first, other)
	second := first
	second.Target = "Flash"
	second.Origin.Kind = translator.Pseudo
	second.Origin.Time = noon.Add(time.Hour)
	third := second
	third.Target = "Alert"
	save(t, h.Store, second, third)
	got := lookup(t, h.Store, first.Key)[first.Key]
	if want := []translator.Entry{third, other}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// saveAllOrNone stops a save midway by its context; nothing of it, or all of it, may stand.
func saveAllOrNone(t *testing.T, h Harness) {
	entries := numbered(3000, google)
	for _, after := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		err := h.Store.Save(ctx, entries)
		cancel()
		found := len(lookup(t, h.Store, keysOf(entries)...))
		if err == nil && found != len(entries) || err != nil && found != 0 {
			t.Fatalf("a save that returned %v left %d of %d entries", err, found, len(entries))
		}
		if err == nil {
			return
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Save: %v, want the context's error", err)
		}
	}
}

func saveSurvives(t *testing.T, h Harness) {
	if h.Reopen == nil {
		t.Skip("this store keeps nothing by design")
	}
	entries := numbered(10, google)
	save(t, h.Store, entries...)
	s := h.Reopen(t)
	if got := lookup(t, s, keysOf(entries)...); len(got) != len(entries) || !same(got[entries[7].Key][0], entries[7]) {
		t.Errorf("after reopening %d of %d entries are there", len(got), len(entries))
	}
	if found, err := s.Search(t.Context(), "number 7", 5); err != nil || len(found) != 1 {
		t.Errorf("after reopening search finds %v, %v", found, err)
	}
}

// saveFlags reads flags back in every way, and sees that the last save decides.
func saveFlags(t *testing.T, h Harness) {
	flagged := entry(arabicEnglish, google, "سقط 12 جريحا", "13 were injured")
	flagged.Flags = []string{"length", "numbers"}
	clean := entry(arabicEnglish, google, "وصل الوفد", "The delegation arrived")
	given := append([]string{}, flagged.Flags...)
	inStore := flagged
	inStore.Flags = given
	none := clean
	none.Flags = []string{}
	save(t, h.Store, inStore, none)
	given[0] = "changed" // the caller's own again
	wantEntry(t, h.Store, flagged, "injured")
	wantEntry(t, h.Store, clean, "delegation")
	flagged.Flags, clean.Flags = nil, []string{"ترجمة-ناقصة"}
	save(t, h.Store, flagged, clean)
	wantEntry(t, h.Store, flagged, "injured")
	wantEntry(t, h.Store, clean, "delegation")
}

// wantEntry looks an entry up, finds it among all, and searches for it.
func wantEntry(t *testing.T, s Store, want translator.Entry, word string) {
	t.Helper()
	if got := lookup(t, s, want.Key)[want.Key]; len(got) != 1 || !same(got[0], want) {
		t.Errorf("Lookup: %+v, want %+v", got, want)
	}
	if i := slices.IndexFunc(collect(t, s), func(e translator.Entry) bool { return same(e, want) }); i < 0 {
		t.Errorf("Entries has no %+v", want)
	}
	if got, err := s.Search(t.Context(), word, 5); err != nil || len(got) != 1 || !same(got[0], want) {
		t.Errorf("Search: %+v, %v; want %+v", got, err, want)
	}
}

// saveFlagsRefused saves names that could not be told from two, or from none.
func saveFlagsRefused(t *testing.T, h Harness) {
	for _, name := range []string{"", " ", "two words", "tab\tbed", "line\n", "\u00a0"} {
		good, bad := entry(arabicEnglish, google, "نص", "text"), entry(arabicEnglish, google, "خبر", "news")
		bad.Flags = []string{"length", name}
		if err := h.Store.Save(t.Context(), []translator.Entry{good, bad}); !errors.Is(err, translator.Invalid) {
			t.Errorf("the flag %q: %v, want Invalid", name, err)
		}
	}
	if got := collect(t, h.Store); len(got) != 0 {
		t.Errorf("a refused save left %v", got)
	}
}

func saveConcurrent(t *testing.T, h Harness) {
	const workers, each = 8, 40
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := range each {
				shared := entry(arabicEnglish, google, fmt.Sprintf("مشترك %d", i), "shared")
				own := entry(arabicEnglish, google, fmt.Sprintf("خاص %d/%d", w, i), "own")
				if err := h.Store.Save(t.Context(), []translator.Entry{shared, own}); err != nil {
					t.Error(err)
					return
				}
				found, err := h.Store.Lookup(t.Context(), []translator.Key{shared.Key, own.Key})
				if err != nil || len(found) != 2 {
					t.Errorf("what was saved is not found: %v, %v", found, err)
					return
				}
			}
		})
	}
	group.Wait()
	count := 0
	for _, err := range h.Store.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		count++
	}
	if want := each + workers*each; count != want {
		t.Errorf("%d entries, want %d", count, want)
	}
}

func contextDone(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := entry(arabicEnglish, google, "عاجل", "Urgent")
	_, lookupErr := h.Store.Lookup(ctx, []translator.Key{e.Key})
	_, reserveErr := h.Store.Reserve(ctx, translator.Line{Run: "r", Time: noon}, nil)
	_, spendingErr := h.Store.Spending(ctx, translator.Window{})
	_, searchErr := h.Store.Search(ctx, "urgent", 1)
	_, statsErr := h.Store.Stats(ctx)
	var linesErr error
	for _, err := range h.Store.Lines(ctx, translator.Window{}) {
		linesErr = err
	}
	for name, err := range map[string]error{
		"Lookup": lookupErr, "Save": h.Store.Save(ctx, []translator.Entry{e}), "Reserve": reserveErr,
		"Settle": h.Store.Settle(ctx, 1, translator.Bill{}), "Spending": spendingErr, "Search": searchErr, "Stats": statsErr,
		"Lines": linesErr,
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context: %v", name, err)
		}
	}
	if spent, err := h.Store.Spending(t.Context(), translator.Window{}); err != nil || spent.Requests != 0 {
		t.Errorf("a cancelled Reserve left %v, %v", spent, err)
	}
}
