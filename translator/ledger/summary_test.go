package ledger_test

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/ledger"
)

func postings(of ...translator.Posting) iter.Seq2[translator.Posting, error] {
	return func(yield func(translator.Posting, error) bool) {
		for _, p := range of {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func summarize(t testing.TB, by ledger.By, zone *time.Location, of ...translator.Posting) ledger.Summary {
	t.Helper()
	s, err := ledger.Summarize(postings(of...), by, zone)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var late = time.Date(2026, 11, 27, 22, 30, 0, 0, time.UTC) // half past midnight in Cairo

// night is a settled, a said, a refused and an open request of two backends.
var night = []translator.Posting{
	{Line: translator.Line{Backend: "google", Signature: "google:nmt", Direction: arEn, Texts: 4, Size: 100, Cost: 2000, Time: late,
		Shares: []translator.Share{{Story: "a", Version: [16]byte{1}, Texts: 1, Size: 40}, {Story: "ب", Texts: 2, Size: 40}, {Story: "a", Version: [16]byte{2}, Texts: 1, Size: 20}}},
		Bill: translator.Bill{Size: 100, Cost: 2000}},
	{Line: translator.Line{Backend: "model", Signature: "model:1", Direction: arEn, Texts: 2, Size: 130, Cost: 9000, Time: late.Add(-2 * time.Hour),
		Shares: []translator.Share{{Story: "a", Texts: 1, Size: 10}, {Story: "c", Texts: 1, Size: 20}}}, // and a prompt of 100
		Bill: translator.Bill{Size: 143, Cost: 5000, Said: true}},
	{Line: translator.Line{Backend: "google", Signature: "google:llm", Direction: arEn, Texts: 9, Size: 900, Cost: 18000, Time: late,
		Shares: []translator.Share{{Story: "a", Texts: 9, Size: 900}}}},
	{Line: translator.Line{Backend: "google", Signature: "google:nmt", Texts: 3, Size: 30, Cost: 600, Time: late,
		Direction: translator.Direction{From: "en", To: "ar"}, Shares: []translator.Share{{Story: "c", Texts: 1, Size: 10}}}, Open: true},
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	cairo := time.FixedZone("Cairo", 2*3600)
	google := ledger.Row{Name: "google", Requests: 3, Unbilled: 1, Open: 1, Texts: 4, Counted: 100, Billed: 100, Cost: 2000, OpenSize: 30, OpenCost: 600}
	model := ledger.Row{Name: "model", Requests: 1, Texts: 2, Counted: 130, Billed: 143, Cost: 5000, Said: 143, SaidOf: 130}
	named := func(r ledger.Row, name string, signature translator.Signature) ledger.Row {
		r.Name, r.Signature = name, signature
		return r
	}
	nmt := named(google, "google", "google:nmt")
	nmt.Requests, nmt.Unbilled = 2, 0
	settled := ledger.Row{Name: "ar-en", Requests: 3, Unbilled: 1, Texts: 6, Counted: 230, Billed: 243, Cost: 7000, Said: 143, SaidOf: 130}
	total := named(settled, "total", "")
	total.Requests, total.Open, total.OpenSize, total.OpenCost = 4, 1, 30, 600
	for by, want := range map[ledger.By][]ledger.Row{
		ledger.ByDay:       {named(model, "2026-11-27", ""), named(google, "2026-11-28", "")},
		ledger.ByBackend:   {named(model, "model", "model:1"), nmt, {Name: "google", Signature: "google:llm", Requests: 1, Unbilled: 1}},
		ledger.ByDirection: {settled, {Name: "en-ar", Requests: 1, Open: 1, OpenSize: 30, OpenCost: 600}},
		ledger.ByStory: {
			// The model's request is divided 10 to 20, its prompt too.
			{Name: "c", Requests: 2, Open: 1, Texts: 1, Counted: 87, Billed: 95, Cost: 3333, Said: 95, SaidOf: 87, OpenSize: 10, OpenCost: 200},
			{Name: "a", Requests: 3, Unbilled: 1, Texts: 3, Counted: 60 + 43, Billed: 60 + 48, Cost: 1200 + 1667, Said: 48, SaidOf: 43},
			{Name: "ب", Requests: 1, Texts: 2, Counted: 40, Billed: 40, Cost: 800},
			{Name: ledger.NoStory, Requests: 1, Open: 1, OpenSize: 20, OpenCost: 400},
		},
	} {
		got := summarize(t, by, cairo, night...)
		if !reflect.DeepEqual(got.Rows, want) {
			t.Errorf("by %s\n got %+v\nwant %+v", by, got.Rows, want)
		}
		if !reflect.DeepEqual(got.Backends, []ledger.Row{google, model}) || got.Total != total {
			t.Errorf("by %s\nbackends %+v\ntotal %+v", by, got.Backends, got.Total)
		}
	}
	if days := summarize(t, ledger.ByDay, time.UTC, night...).Rows; len(days) != 1 {
		t.Errorf("in UTC it is one day: %+v", days)
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	if percent, ok := (ledger.Row{Said: 143, SaidOf: 130, Counted: 900}).Difference(); !ok || percent != 10 {
		t.Errorf("%v, %v", percent, ok)
	}
	if percent, ok := (ledger.Row{Counted: 900, Billed: 900}).Difference(); ok {
		t.Errorf("nothing was said, and yet %v", percent)
	}
}

func TestSummarizeErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := ledger.Summarize(func(yield func(translator.Posting, error) bool) {
		_ = yield(night[0], nil) && yield(translator.Posting{}, broken)
	}, ledger.ByDay, nil)
	if !errors.Is(err, broken) {
		t.Errorf("%v, want the error of the lines", err)
	}
	if _, err := ledger.Summarize(postings(), "week", nil); !errors.Is(err, translator.Invalid) {
		t.Errorf("by week: %v, want Invalid", err)
	}
	if got := summarize(t, ledger.ByStory, nil); len(got.Rows) != 0 || got.Total != (ledger.Row{Name: "total"}) {
		t.Errorf("an empty ledger: %+v", got)
	}
}

// TestSummariesAgree: whatever the rows are, they sum up to the same money to
// the last millionth, the order of the lines makes no difference, and a story
// that asked has the texts it asked for.
func TestSummariesAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(anyPosting), 0, 25).Draw(r, "lines")
		var want ledger.Row
		for _, by := range ledger.Bys() {
			s := summarize(t, by, time.UTC, lines...)
			for _, rows := range [][]ledger.Row{s.Rows, s.Backends} {
				if got := sumRows(rows); got != money(s.Total) {
					r.Fatalf("by %s: rows %+v\nare %+v together, the total is %+v", by, rows, got, s.Total)
				}
			}
			if want != (ledger.Row{}) && s.Total != want {
				r.Fatalf("by %s the total is %+v, and was %+v", by, s.Total, want)
			}
			want = s.Total
			shuffled := rapid.Permutation(lines).Draw(r, "shuffled")
			if again := summarize(t, by, time.UTC, shuffled...); !reflect.DeepEqual(again, s) {
				r.Fatalf("by %s in another order:\n%+v\n%+v", by, again, s)
			}
		}
	})
}

// money leaves of a row what is divided among rows.
func money(r ledger.Row) ledger.Row {
	r.Name, r.Signature, r.Requests, r.Unbilled, r.Open = "", "", 0, 0, 0
	return r
}

func sumRows(rows []ledger.Row) ledger.Row {
	var sum ledger.Row
	for _, r := range rows {
		sum.Texts, sum.Counted, sum.Billed, sum.Cost = sum.Texts+r.Texts, sum.Counted+r.Counted, sum.Billed+r.Billed, sum.Cost+r.Cost
		sum.Said, sum.SaidOf = sum.Said+r.Said, sum.SaidOf+r.SaidOf
		sum.OpenSize, sum.OpenCost = sum.OpenSize+r.OpenSize, sum.OpenCost+r.OpenCost
	}
	return sum
}

func anyPosting(r *rapid.T) translator.Posting {
	p := translator.Posting{Open: rapid.Bool().Draw(r, "open")}
	l := &p.Line
	l.Backend = rapid.SampledFrom([]string{"a", "b"}).Draw(r, "backend")
	l.Signature = translator.Signature(rapid.SampledFrom([]string{"1", "2"}).Draw(r, "signature"))
	l.Direction = arEn
	l.Time = late.Add(time.Duration(rapid.IntRange(0, 72).Draw(r, "hours")) * time.Hour)
	for i := range rapid.IntRange(0, 4).Draw(r, "stories") {
		s := translator.Share{Story: fmt.Sprint("story ", i), Texts: rapid.IntRange(1, 3).Draw(r, "texts"), Size: rapid.IntRange(0, 50).Draw(r, "size")}
		l.Shares = append(l.Shares, s)
		l.Texts, l.Size = l.Texts+s.Texts, l.Size+s.Size
	}
	l.Texts += rapid.IntRange(0, 2).Draw(r, "texts of no story")
	l.Size += rapid.IntRange(0, 100).Draw(r, "overhead")
	l.Cost = translator.USD(rapid.IntRange(0, 5000).Draw(r, "cost"))
	if !p.Open {
		p.Bill = translator.Bill{Size: rapid.IntRange(0, 2*l.Size).Draw(r, "billed"), Said: rapid.Bool().Draw(r, "said"),
			Cost: translator.USD(rapid.IntRange(0, 5000).Draw(r, "billed cost"))}
	}
	return p
}

// TestStoriesOrder: the dearest story first, what is open with it, and what is
// nobody's at the end however dear.
func TestStoriesOrder(t *testing.T) {
	t.Parallel()
	var lines []translator.Posting
	for story, cost := range map[string]translator.USD{"b": 5, "a": 5, "dear": 90, "": 1000} {
		l := translator.Line{Texts: 1, Size: 1, Cost: cost, Shares: []translator.Share{{Story: story, Texts: 1, Size: 1}}}
		if story == "" {
			l.Shares = nil
		}
		lines = append(lines, translator.Posting{Line: l, Open: cost > 50, Bill: translator.Bill{Size: 1, Cost: cost}})
	}
	var names []string
	for _, row := range summarize(t, ledger.ByStory, nil, lines...).Rows {
		names = append(names, row.Name)
	}
	if want := []string{"dear", "a", "b", ledger.NoStory}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}
