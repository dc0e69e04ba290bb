package memory_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/memory"
	"dragoman/translator/store/ram"
)

// step is one step of a sequence of pairs.
type step struct {
	pair translator.Pair
	err  error
}

func sequence(steps ...step) translator.Pairs {
	return func(yield func(translator.Pair, error) bool) {
		for _, s := range steps {
			if !yield(s.pair, s.err) {
				return
			}
		}
	}
}

func pair(from, source, to, target string) step {
	return step{pair: translator.Pair{
		Source: translator.Text{Lang: translator.Lang(from), Text: source},
		Target: translator.Text{Lang: translator.Lang(to), Text: target},
	}}
}

func TestImport(t *testing.T) {
	t.Parallel()
	broken := &translator.ItemError{Path: "memory.tmx:7", Err: errors.New("no target")}
	dated := pair("ar", " قديم\u200f ", "en", "old") // recalled in transport form
	dated.pair.Origin.Time = noon
	standIn := pair("ar", "عاجل", "en", "[pseudo en] عاجل")
	standIn.pair.Origin = translator.Origin{Kind: translator.Pseudo, Signature: "pseudo:1"}
	pairs := sequence(
		pair("ar", "  عاجل  ", "en", " urgent "), dated, step{err: broken},
		pair("ar", "عاجل", "en", "breaking"), // again: the last wins
		pair("ar-EG", "مصر", "en-US", "Egypt"), standIn,
		pair("ar", "", "en", "empty"), pair("ar", "فارغ", "en", " \n"),
		pair("en", "urgent", "ar", "عاجل"), pair("ar", "x", "fr", "y"), pair("ar", "x", "ar", "x"), pair("", "x", "en", "y"))
	var failures []error
	store := ram.New()
	before := time.Now().UTC().Truncate(time.Second)
	got, err := memory.Import(t.Context(), store, pairs, translator.Seed,
		&memory.Options{Direction: &arEn, Failed: func(err error) { failures = append(failures, err) }})
	if want := (memory.Counts{Saved: 4, Empty: 2, Foreign: 4, StandIns: 1, Failed: 1}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if len(failures) != 1 || failures[0] != error(broken) {
		t.Errorf("these failures were told: %v", failures)
	}
	recall := recallOf(store, nil, (&counting{}).translate)
	results, err := recall(t.Context(), translator.Request{Direction: arEn, Texts: []string{"عاجل", "قديم", "مصر"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"breaking", "old", "Egypt"} {
		r := results[i]
		if r.Text != want || !r.Recalled || r.Origin.Kind != translator.Seed || r.Origin.Signature != translator.SeedSignature {
			t.Errorf("%d: %+v, want %s from the seed", i, r, want)
		}
	}
	if !results[1].Origin.Time.Equal(noon) || results[0].Origin.Time.Before(before) {
		t.Errorf("times %v and %v", results[1].Origin.Time, results[0].Origin.Time)
	}
}

func TestImportDirections(t *testing.T) {
	t.Parallel()
	british := translator.Direction{From: "ar", To: "en-GB"}
	pairs := sequence(pair("ar", "أ", "en", "a"), pair("ar", "ب", "en-GB", "b"), pair("ar", "ت", "en-US", "c"))
	if got, err := memory.Import(t.Context(), ram.New(), pairs, translator.Human, &memory.Options{Direction: &british}); err != nil || got.Saved != 2 || got.Foreign != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	store := ram.New()
	if got, err := memory.Import(t.Context(), store, pairs, translator.Human, nil); err != nil || got.Saved != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if stats, _ := store.Stats(t.Context()); len(stats) != 3 || stats[0].Kind != translator.Human {
		t.Errorf("stats %+v", stats)
	}
}

func TestImportEnds(t *testing.T) {
	t.Parallel()
	cut := errors.New("unexpected end of file")
	var steps []step
	for i := range 2500 {
		steps = append(steps, pair("ar", fmt.Sprint("نص ", i), "en", fmt.Sprint("text ", i)))
	}
	store := ram.New()
	got, err := memory.Import(t.Context(), store, sequence(append(steps, step{err: cut})...), translator.Aligned, nil)
	if !errors.Is(err, cut) || got.Saved != 2500 {
		t.Errorf("%+v, %v; want what was read before the error", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := memory.Import(ctx, store, sequence(steps...), translator.Seed, nil); !errors.Is(err, context.Canceled) || got.Saved != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, kind := range []translator.OriginKind{translator.Machine, translator.Pseudo, ""} {
		if _, err := memory.Import(t.Context(), store, sequence(steps...), kind, nil); !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
			t.Errorf("kind %q: %v", kind, err)
		}
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	other := entry(engine, "x", "y")
	other.Direction = translator.Direction{From: "en", To: "ar"}
	want := entry(translator.HumanSignature, "عاجل", "urgent")
	standIn := entry("pseudo:1", "عاجل", "[pseudo en] عاجل")
	standIn.Origin.Kind = translator.Pseudo
	store := storeOf(t, other, standIn, want)
	var got []translator.Pair
	for p, err := range memory.Export(t.Context(), store, &arEn) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	if len(got) != 1 {
		t.Fatalf("%d pairs, want 1", len(got))
	}
	p := got[0]
	if p.ID != want.Key.String() || p.Story != "memory" || p.Sentence != 1 || p.Source != (translator.Text{Lang: "ar", Text: "عاجل"}) ||
		p.Target != (translator.Text{Lang: "en", Text: "urgent"}) || p.Origin != want.Origin || p.Flags == nil {
		t.Errorf("got %+v", p)
	}
	n := 0
	for range memory.Export(t.Context(), store, nil) {
		n++
	}
	if n != 2 {
		t.Errorf("%d pairs of all directions, want 2", n)
	}
}

// TestMoveRoundTrip exports a memory and imports it elsewhere.
func TestMoveRoundTrip(t *testing.T) {
	t.Parallel()
	from, to := ram.New(), ram.New()
	for i := range 1500 {
		e := entry(translator.HumanSignature, fmt.Sprint("نص ", i), fmt.Sprint("text ", i))
		e.Origin.Kind = translator.Human
		if err := from.Save(t.Context(), []translator.Entry{e}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := memory.Import(t.Context(), to, memory.Export(t.Context(), from, nil), translator.Human, nil); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(all(t, from), all(t, to)) {
		t.Error("the copy differs")
	}
}

func all(t *testing.T, a translator.Archive) (entries []translator.Entry) {
	t.Helper()
	for e, err := range a.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}
