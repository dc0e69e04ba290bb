package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
)

// lines reads a window whole.
func lines(t *testing.T, j translator.Journal, w translator.Window) []translator.Posting {
	t.Helper()
	var postings []translator.Posting
	for p, err := range j.Lines(t.Context(), w) {
		if err != nil {
			t.Fatalf("Lines(%+v): %v", w, err)
		}
		postings = append(postings, p)
	}
	return postings
}

func wantLines(t *testing.T, j translator.Journal, w translator.Window, want ...translator.Posting) {
	t.Helper()
	got := lines(t, j, w)
	if len(got) != len(want) {
		t.Errorf("Lines(%+v) gives %d, want %d", w, len(got), len(want))
		return
	}
	for i := range got {
		if !same(got[i], want[i]) {
			t.Errorf("Lines(%+v), number %d:\n got %+v\nwant %+v", w, i, got[i], want[i])
		}
	}
}

// write reserves a line and returns how it is to be read: with Bill, or, for nil, open.
func write(t *testing.T, l translator.Ledger, line translator.Line, bill *translator.Bill) translator.Posting {
	t.Helper()
	p := translator.Posting{ID: reserve(t, l, line), Line: line, Open: true}
	if bill != nil {
		p.Open, p.Bill = false, *bill
		if err := l.Settle(t.Context(), p.ID, *bill); err != nil {
			t.Fatalf("Settle: %v", err)
		}
	}
	return p
}

// journalRoundTrip reads back lines of every kind: shares whose stories have
// names from outside, bills the service's own and counted, refused and open.
func journalRoundTrip(t *testing.T, h Harness) {
	wantLines(t, h.Store, translator.Window{})
	full := translator.Line{Run: "r", Backend: "openai", Signature: "openai:m|p:1", Direction: englishArabic,
		Texts: 7, Size: 900, Cost: 12_345, Time: noon.Add(123456 * time.Microsecond),
		Shares: []translator.Share{
			{Story: "z", Texts: 1, Size: 100}, {Story: "قصة/١", Texts: 2, Size: 0}, {Story: "a", Texts: 0, Size: 50},
			{Story: "tag:wire,2026:\x00\xff'; DROP TABLE shares; --", Texts: 1, Size: 3}, {Story: strings.Repeat("long ", 3000), Texts: 1, Size: 1},
			{Story: "", Texts: 1, Size: 9}, {Story: "a", Version: [16]byte{1, 0, 0xff}, Texts: 1, Size: 7}, {Story: "a", Version: [16]byte{15: 9}, Texts: 0, Size: 1},
		}}
	bill := func(size int, said bool) *translator.Bill {
		return &translator.Bill{Size: size, Cost: translator.USD(2 * size), Said: said, Time: noon.Add(time.Second)}
	}
	var want []translator.Posting
	for _, tt := range []struct {
		line translator.Line
		bill *translator.Bill
	}{
		{full, bill(901, true)}, {full, bill(900, false)}, {full, nil},
		{line("r", 10, noon), bill(0, false)}, {line("s", 10, noon.Add(-time.Hour)), bill(11, true)},
		{translator.Line{Time: noon}, nil},
	} {
		want = append(want, write(t, h.Store, tt.line, tt.bill))
	}
	wantLines(t, h.Store, translator.Window{}, want...)
	if err := h.Store.Settle(t.Context(), want[2].ID, *bill(5, true)); err != nil {
		t.Fatal(err)
	}
	want[2].Open, want[2].Bill = false, *bill(5, true)
	wantLines(t, h.Store, translator.Window{}, want...)
}

// journalWindows compares random windows with the lines written.
func journalWindows(t *testing.T, h Harness) {
	random := rand.New(rand.NewPCG(3, 4))
	at := func() time.Time { return noon.Add(time.Duration(random.IntN(7200)-3600) * time.Second) }
	var all []translator.Posting
	for i := range 150 {
		l := line(fmt.Sprint("run ", random.IntN(4)), 1+i, at())
		for k := range random.IntN(4) {
			l.Shares = append(l.Shares, translator.Share{Story: fmt.Sprint("story ", random.IntN(9)), Texts: k, Size: random.IntN(9)})
		}
		all = append(all, write(t, h.Store, l, nil))
	}
	windows := []translator.Window{{}, {Run: "none"}, {Run: "none", Since: noon}, {Since: noon.Add(48 * time.Hour)}, {Run: "run 1", Since: noon.Add(48 * time.Hour)}}
	for range 40 {
		windows = append(windows, translator.Window{Since: at()}, translator.Window{Run: fmt.Sprint("run ", random.IntN(4))},
			translator.Window{Run: fmt.Sprint("run ", random.IntN(4)), Since: at()})
	}
	for _, w := range windows {
		var want []translator.Posting
		for _, p := range all {
			if (w.Run == "" || p.Line.Run == w.Run) && !p.Line.Time.Before(w.Since) {
				want = append(want, p)
			}
		}
		wantLines(t, h.Store, w, want...)
	}
}

// journalManyShares writes lines of as many stories as a night has short alerts.
func journalManyShares(t *testing.T, h Harness) {
	var want []translator.Posting
	for _, n := range []int{0, 1, 2, 99, 100, 101, 500, 1024} {
		l := line("r", 10*n, noon)
		for i := range n {
			l.Shares = append(l.Shares, translator.Share{Story: fmt.Sprint("alert ", n-i), Version: [16]byte{byte(i)}, Texts: 1, Size: i})
		}
		want = append(want, write(t, h.Store, l, nil))
	}
	wantLines(t, h.Store, translator.Window{}, want...)
}

// journalManyLines reads more lines than a store reads at a time.
func journalManyLines(t *testing.T, h Harness) {
	var want []translator.Posting
	for i := range 530 {
		l := line(fmt.Sprint("run ", i%2), i, noon)
		if i%3 == 0 {
			l.Shares = []translator.Share{{Story: "one", Texts: 1, Size: i}, {Story: fmt.Sprint(i), Texts: 1}}
		}
		want = append(want, write(t, h.Store, l, nil))
	}
	wantLines(t, h.Store, translator.Window{}, want...)
	var odd []translator.Posting
	for i := 1; i < len(want); i += 2 {
		odd = append(odd, want[i])
	}
	wantLines(t, h.Store, translator.Window{Run: "run 1"}, odd...)
}

// journalStops ends a reading in the middle, by its reader and by its context.
func journalStops(t *testing.T, h Harness) {
	for i := range 300 {
		reserve(t, h.Store, line("r", i, noon))
	}
	seen := 0
	for range h.Store.Lines(t.Context(), translator.Window{}) {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("%d lines after the reader had enough", seen)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	seen = 0
	for _, err := range h.Store.Lines(ctx, translator.Window{}) {
		cancel()
		seen++
		last = err
	}
	if !errors.Is(last, context.Canceled) || seen >= 300 {
		t.Errorf("after a cancel %d lines came and then %v", seen, last)
	}
}

// journalWhileWriting writes to and settles a ledger that is being read, from
// the same goroutine. The reading ends, and what is written meanwhile is not in it.
func journalWhileWriting(t *testing.T, h Harness) {
	for i := range 300 {
		reserve(t, h.Store, line("r", i, noon))
	}
	seen := 0
	for p, err := range h.Store.Lines(t.Context(), translator.Window{}) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Line.Size != seen {
			t.Fatalf("line %d of %d was read as number %d", p.ID, p.Line.Size, seen)
		}
		if seen++; seen%100 == 0 {
			reserve(t, h.Store, line("r", 5, noon))
			settle(t, h.Store, p.ID, 1)
		}
	}
	if seen != 300 {
		t.Errorf("%d lines, want 300", seen)
	}
}

func journalSurvives(t *testing.T, h Harness) {
	if h.Reopen == nil {
		t.Skip("this store keeps nothing by design")
	}
	l := line("r", 100, noon)
	l.Shares = []translator.Share{{Story: "b", Texts: 1, Size: 60}, {Story: "a", Texts: 2, Size: 40}}
	want := []translator.Posting{
		write(t, h.Store, l, &translator.Bill{Size: 99, Cost: 1980, Said: true, Time: noon}), write(t, h.Store, l, nil),
	}
	s := h.Reopen(t)
	l.Shares = l.Shares[:1]
	want = append(want, write(t, s, l, nil)) // a story that an earlier process named
	wantLines(t, s, translator.Window{}, want...)
}

// journalRefusal: a line that is refused leaves no shares, and no story.
func journalRefusal(t *testing.T, h Harness) {
	l := line("r", 100, noon)
	l.Shares = []translator.Share{{Story: "a", Texts: 1, Size: 100}}
	wantRefusal(t, h.Store, l, translator.Limit{Name: "run", Size: 50}, translator.Limit{Name: "run", Size: 50})
	wantLines(t, h.Store, translator.Window{})
	l.Size, l.Shares[0].Size = 40, 40
	given := l
	given.Shares = append([]translator.Share{}, l.Shares...)
	p := translator.Posting{ID: reserve(t, h.Store, given, translator.Limit{Name: "run", Size: 50}), Line: l, Open: true}
	given.Shares[0].Story = "changed" // the caller's own again
	wantLines(t, h.Store, translator.Window{}, p)
}
