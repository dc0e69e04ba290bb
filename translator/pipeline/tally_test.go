package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"testing"

	"dragoman/translator"
	"pgregory.net/rapid"
)

func key(n uint64) (k translator.Key) {
	binary.LittleEndian.PutUint64(k[:], n)
	return k
}

// A small buffer makes it spill.
func TestTallyCountsLikeAMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tl := tally{limit: rapid.IntRange(2, 20).Draw(t, "buffer")}
		defer tl.close()
		want := map[uint64]record{}
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 60), 0, 300).Draw(t, "sentences") {
			r := record{hash: uint64(n), size: uint32(n * 3), fate: fate(rapid.IntRange(0, int(answered)).Draw(t, "fate"))}
			if before, ok := want[r.hash]; !ok || r.fate > before.fate {
				want[r.hash] = r
			}
			if err := tl.add(key(r.hash), int(r.size), r.fate); err != nil {
				t.Fatal(err)
			}
		}
		got := []record{}
		if err := tl.each(func(f fate, size int) { got = append(got, record{uint64(size / 3), uint32(size), f}) }); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d distinct, want %d", len(got), len(want))
		}
		for i, r := range got {
			if want[r.hash] != r {
				t.Fatalf("record %d is %v, want %v", i, r, want[r.hash])
			}
			if i > 0 && got[i-1].hash >= r.hash {
				t.Fatalf("record %d is out of order", i)
			}
		}
	})
}

func TestTallySpillsAndCleansUp(t *testing.T) {
	t.Parallel()
	tl := tally{limit: 64}
	for n := range uint64(1000) {
		if err := tl.add(key(n), 1, answered); err != nil {
			t.Fatal(err)
		}
	}
	if len(tl.runs) < 10 || len(tl.buf) > 64 {
		t.Fatalf("1,000 sentences in a buffer of 64 made %d runs and left %d", len(tl.runs), len(tl.buf))
	}
	name := tl.spill.Name()
	if err := tl.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", name, err)
	}
}

// A counter of the stories that a run emitted comes to what the run came to,
// whatever became of each sentence and however often it was met.
func TestCounterCountsLikeARun(t *testing.T) {
	t.Parallel()
	fates := []translator.Result{
		{Text: "recalled", Recalled: true}, {Text: "answered"}, {Err: translator.Missing}, {Err: translator.TooLarge}, {Err: translator.OverBudget},
	}
	texts := []string{"وصل الوفد.", "عاد القطار إلى المحطة.", "هل وصل الوفد؟", "غادر  مساء.", "فاز الفريق."}
	rapid.Check(t, func(rt *rapid.T) {
		var in []any
		for i := range rapid.IntRange(0, 8).Draw(rt, "stories") {
			in = append(in, story(string(rune('a'+i)), rapid.SliceOfN(rapid.SampledFrom(texts), 0, 6).Draw(rt, "paragraphs")...))
		}
		in = append(in, &translator.ItemError{Path: "z", ID: "z", Err: translator.Invalid})
		translate := func(_ context.Context, req translator.Request) ([]translator.Result, error) {
			results := make([]translator.Result, len(req.Texts))
			for i := range results {
				results[i] = rapid.SampledFrom(fates).Draw(rt, "fate")
			}
			return results, nil
		}
		stories, want, err := collect(t, sequence(in...), translate, &Options{Size: func(s string) int { return len(s) }})
		if err != nil {
			rt.Fatal(err)
		}
		c := NewCounter(arEn, func(s string) int { return len(s) })
		for _, s := range stories {
			if err := c.Add(s); err != nil {
				rt.Fatal(err)
			}
		}
		got, err := c.Totals()
		if err := errors.Join(err, c.Close()); err != nil || got != want {
			rt.Fatalf("counted %+v, %v, want %+v", got, err, want)
		}
		if want.Stories.All() != len(stories) || want.Distinct > len(texts) {
			rt.Fatalf("%d stories: %+v", len(stories), want)
		}
	})
}
