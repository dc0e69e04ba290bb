package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
)

func compareEntries(a, b translator.Entry) int {
	return cmp.Or(cmp.Compare(a.Direction.String(), b.Direction.String()),
		bytes.Compare(a.Key[:], b.Key[:]), cmp.Compare(a.Origin.Signature, b.Origin.Signature))
}

func entriesOrder(t *testing.T, h Harness) {
	var want []translator.Entry
	for _, signature := range []translator.Signature{"z:1", google, "a:1"} { // ids in another order than names
		want = append(want, numbered(1500, signature)...)
	}
	for i := range 20 {
		want = append(want, entry(englishArabic, google, fmt.Sprintf("Item %d", i), "خبر"))
	}
	save(t, h.Store, want...)
	slices.SortFunc(want, compareEntries)
	got := collect(t, h.Store)
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	for i := range got {
		if !same(got[i], want[i]) {
			t.Fatalf("entry %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func collect(t *testing.T, a translator.Archive) []translator.Entry {
	t.Helper()
	var entries []translator.Entry
	for e, err := range a.Entries(t.Context()) {
		if err != nil {
			t.Fatalf("Entries: %v", err)
		}
		entries = append(entries, e)
	}
	return entries
}

func entriesStop(t *testing.T, h Harness) {
	save(t, h.Store, numbered(10, google)...)
	count := 0
	for range h.Store.Entries(t.Context()) {
		if count++; count == 3 {
			break
		}
	}
	if count != 3 {
		t.Errorf("%d entries, want 3", count)
	}
	if got := collect(t, h.Store); len(got) != 10 {
		t.Errorf("the next reading gives %d entries, want 10", len(got))
	}
}

// entriesWhileSaving saves to a store that is being read, from the same goroutine.
func entriesWhileSaving(t *testing.T, h Harness) {
	entries := numbered(2500, google)
	save(t, h.Store, entries...)
	seen := map[translator.Key]bool{}
	for e, err := range h.Store.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if len(seen)%500 == 0 {
			save(t, h.Store, entry(englishArabic, google, fmt.Sprintf("Late %d", len(seen)), "متأخر"))
		}
		seen[e.Key] = true
	}
	for _, e := range entries {
		if !seen[e.Key] {
			t.Fatalf("%q is missing", e.Source)
		}
	}
}

func stats(t *testing.T, h Harness) {
	if got, err := h.Store.Stats(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("an empty store: %v, %v", got, err)
	}
	save(t, h.Store, numbered(3, google)...)
	late := entry(arabicEnglish, google, "آخر", "last")
	late.Origin.Time = noon.Add(time.Hour)
	human := entry(arabicEnglish, translator.HumanSignature, "آخر", "latest")
	human.Origin.Kind = translator.Human
	save(t, h.Store, late, human, entry(englishArabic, google, "last", "آخر"))
	want := []translator.Stat{
		{Direction: arabicEnglish, Kind: translator.Human, Signature: translator.HumanSignature, Entries: 1, Oldest: noon, Newest: noon},
		{Direction: arabicEnglish, Kind: translator.Machine, Signature: google, Entries: 4, Oldest: noon, Newest: noon.Add(time.Hour)},
		{Direction: englishArabic, Kind: translator.Machine, Signature: google, Entries: 1, Oldest: noon, Newest: noon},
	}
	if got, err := h.Store.Stats(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v\nwant %v", got, err, want)
	}
}

// sources returns the sources of what a query finds.
func sources(t *testing.T, a translator.Archive, query string, limit int) []string {
	t.Helper()
	found, err := a.Search(t.Context(), query, limit)
	if err != nil {
		t.Fatalf("Search(%.100q): %v", query, err)
	}
	var texts []string
	for _, e := range found {
		texts = append(texts, e.Source)
	}
	slices.Sort(texts)
	return texts
}

func searchWords(t *testing.T, h Harness) {
	port, talks, goal := "فتح الميناء أبوابه", "بدأت المحادثات في الميناء", "هدف في الدقيقة 90"
	save(t, h.Store,
		entry(arabicEnglish, google, port, "the port has opened"),
		entry(arabicEnglish, google, talks, "talks have begun in the port"),
		entry(arabicEnglish, google, goal, "a goal in minute 90"))
	tests := []struct {
		query string
		limit int
		want  []string
	}{
		{"الميناء", 10, []string{talks, port}},
		{"port", 10, []string{talks, port}},
		{"port the", 10, []string{talks, port}},
		{"the, port!", 10, []string{talks, port}},
		{"port port", 10, []string{talks, port}},
		{"opened port", 10, []string{port}},
		{"90", 10, []string{goal}},
		{"por", 10, nil},
		{"port goal", 10, nil},    // in different entries
		{"port الميناء", 10, nil}, // in different sides
		{"الميناء فتح", 10, []string{port}},
		{"", 10, nil},
		{" .,!", 10, nil},
		{"port", 0, nil},
		{"port", -1, nil},
	}
	for _, tt := range tests {
		slices.Sort(tt.want)
		if got := sources(t, h.Store, tt.query, tt.limit); !slices.Equal(got, tt.want) {
			t.Errorf("Search(%q, %d) = %q, want %q", tt.query, tt.limit, got, tt.want)
		}
	}
	if got := sources(t, h.Store, "port", 1); len(got) != 1 {
		t.Errorf("limit 1: %q", got)
	}
}

// searchFolding asks for every word in several spellings; which of them mean
// the same is for SearchWords to say.
func searchFolding(t *testing.T, h Harness) {
	spellings := []string{"أحمد", "احمد", "إحمد", "أَحْمَد", "آحمد", "مكتبة", "مكتبه", "مُكتَبة", "على", "علي", "Café", "CAFÉ", "cafe"}
	for i, s := range spellings {
		save(t, h.Store, entry(arabicEnglish, translator.Signature(fmt.Sprint(i)), s, "-"))
	}
	for _, query := range spellings {
		var want []string
		for _, s := range spellings {
			if slices.Equal(translator.SearchWords(query), translator.SearchWords(s)) {
				want = append(want, s)
			}
		}
		slices.Sort(want)
		if got := sources(t, h.Store, query, 100); !slices.Equal(got, want) {
			t.Errorf("Search(%q) = %q, want %q", query, got, want)
		}
	}
}

func searchBest(t *testing.T, h Harness) {
	for i := range 20 {
		save(t, h.Store, entry(arabicEnglish, google, fmt.Sprintf("حشو %d", i), "filling without meaning"))
	}
	short := entry(arabicEnglish, google, "قصير", "harbour")
	long := entry(arabicEnglish, google, "طويل", "one harbour among very many other words that nobody asked for today")
	save(t, h.Store, long, short)
	got, err := h.Store.Search(t.Context(), "harbour", 10)
	if err != nil || len(got) != 2 || !same(got[0], short) || !same(got[1], long) {
		t.Errorf("got %v, %v; want the short one first", got, err)
	}
	if got, err := h.Store.Search(t.Context(), "harbour", 1); err != nil || len(got) != 1 || !same(got[0], short) {
		t.Errorf("the best one is %v, %v", got, err)
	}
}

func searchReplaced(t *testing.T, h Harness) {
	save(t, h.Store, entry(arabicEnglish, google, "عاجل", "urgent"))
	save(t, h.Store, entry(arabicEnglish, google, "عاجل", "breaking"))
	if got := sources(t, h.Store, "urgent", 10); len(got) != 0 {
		t.Errorf("a target that was replaced is still found: %q", got)
	}
	if got := sources(t, h.Store, "breaking", 10); len(got) != 1 {
		t.Errorf("the last target is found %d times", len(got))
	}
}

func searchHostile(t *testing.T, h Harness) {
	e := entry(arabicEnglish, google, "نص", "near and or not source target column")
	save(t, h.Store, e)
	queries := map[string]bool{ // whether the words are there
		`"`: false, `""`: false, `'`: false, `*`: false, `-`: false, `^near`: true, `near*`: true, `NEAR(`: true, `near(source, target)`: true,
		`source:near`: true, `source: zebra`: false, `{source target}: near`: true, `not`: true, `near AND`: true, `"near" OR "zebra"`: false,
		`near"`: true, `near" OR "a`: false, "near\x00and": true, `'; DROP TABLE memory; --`: false, "\xff": false, `\`: false, `(((`: false, `+near`: true,
		strings.Repeat("near ", 50_000): true, strings.Repeat("(", 10_000): false, "near\u202eand": true, "\u0651": false,
	}
	for query, want := range queries {
		// What SearchWords makes of case decides whether AND is and.
		want = want && !slices.ContainsFunc(translator.SearchWords(query), func(w string) bool { return !slices.Contains(translator.SearchWords(e.Target), w) })
		if got := len(sources(t, h.Store, query, 10)) == 1; got != want {
			t.Errorf("Search(%.60q) found it: %v, want %v", query, got, want)
		}
	}
	var many strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&many, "w%d ", i)
	}
	save(t, h.Store, entry(arabicEnglish, google, "طويل", many.String()))
	if got := sources(t, h.Store, many.String(), 10); len(got) != 1 {
		t.Errorf("a query of 3,000 words finds %d entries, want 1", len(got))
	}
}
