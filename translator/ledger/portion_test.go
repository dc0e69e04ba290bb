package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/ledger"
)

func ofStories(names ...string) func(translator.Line, translator.Share) bool {
	return func(_ translator.Line, share translator.Share) bool { return slices.Contains(names, share.Story) }
}

func TestPortions(t *testing.T) {
	t.Parallel()
	s, err := ledger.Summarize(ledger.Portions(postings(night...), ofStories("a")), ledger.ByBackend, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := ledger.Row{Name: "total", Requests: 3, Unbilled: 1, Texts: 3, Counted: 60 + 43, Billed: 60 + 48, Cost: 1200 + 1667, Said: 48, SaidOf: 43}
	if s.Total != want {
		t.Errorf("of a: %+v\nwant %+v", s.Total, want)
	}
	broken := errors.New("broken")
	var last error
	for _, err := range ledger.Portions(func(yield func(translator.Posting, error) bool) { yield(translator.Posting{}, broken) }, ofStories()) {
		last = err
	}
	if last != broken {
		t.Errorf("the error of the lines became %v", last)
	}
}

// However stories are put into groups, the groups' portions sum up to the whole.
func TestPortionsSumUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"a", "b", "c", ""} // "" is what no story asked for
		var lines []translator.Posting
		for range rapid.IntRange(0, 5).Draw(t, "lines") {
			lines = append(lines, anyLine(names[:3]).Draw(t, "line"))
		}
		group := map[string]bool{}
		for _, name := range names {
			group[name] = rapid.Bool().Draw(t, "in "+name)
		}
		var size, billed int
		var cost, reserved translator.USD
		for _, in := range []bool{true, false} {
			for p := range ledger.Portions(postings(lines...), func(_ translator.Line, share translator.Share) bool { return group[share.Story] == in }) {
				size, billed, cost, reserved = size+p.Line.Size, billed+p.Bill.Size, cost+p.Bill.Cost, reserved+p.Line.Cost
			}
		}
		for _, p := range lines {
			size, billed, cost, reserved = size-p.Line.Size, billed-p.Bill.Size, cost-p.Bill.Cost, reserved-p.Line.Cost
		}
		if size != 0 || billed != 0 || cost != 0 || reserved != 0 {
			t.Fatalf("the portions are off by %d units, %d billed, %v, %v reserved", size, billed, cost, reserved)
		}
	})
}

func anyLine(stories []string) *rapid.Generator[translator.Posting] {
	return rapid.Custom(func(t *rapid.T) translator.Posting {
		p := translator.Posting{Line: translator.Line{Backend: "google", Texts: rapid.IntRange(0, 2).Draw(t, "of no story")}}
		p.Line.Size = p.Line.Texts * 7
		for _, story := range stories {
			if n := rapid.IntRange(0, 3).Draw(t, "texts of "+story); n > 0 {
				share := translator.Share{Story: story, Texts: n, Size: rapid.IntRange(0, 500).Draw(t, "size")}
				p.Line.Shares = append(p.Line.Shares, share)
				p.Line.Texts, p.Line.Size = p.Line.Texts+n, p.Line.Size+share.Size
			}
		}
		p.Line.Size += rapid.IntRange(0, 50).Draw(t, "overhead")
		p.Line.Cost = translator.USD(rapid.IntRange(0, 9999).Draw(t, "reserved"))
		p.Bill = translator.Bill{Size: rapid.IntRange(0, 2000).Draw(t, "billed"), Cost: translator.USD(rapid.IntRange(0, 9999).Draw(t, "cost"))}
		return p
	})
}
