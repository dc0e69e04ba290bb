package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
)

func submitRoundTrip[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	a, b, c := version(arabicEnglish, "a", 1), version(englishArabic, "b", 2), version(arabicEnglish, "c", 3)
	var added []translator.Version
	got, err := h.Register.Submit(t.Context(), "night", []translator.Version{a, b, c},
		func(_ context.Context, _ Tx, vs []translator.Version) error { added = slices.Clone(vs); return nil })
	if err != nil || len(got) != 3 {
		t.Fatalf("%d versions, %v", len(got), err)
	}
	want := []translator.Version{waiting(a, got[0].ID), waiting(b, got[1].ID), waiting(c, got[2].ID)}
	if got[0].ID == got[1].ID || got[1].ID == got[2].ID || got[0].ID <= 0 {
		t.Errorf("the ids are %d", idsOf(got))
	}
	wantVersions(t, "Submit", got, []translator.Version{brief(want[0]), brief(want[1]), brief(want[2])})
	wantVersions(t, "also", added, got)
	wantVersions(t, "Load", load(t, h, idsOf(got)...), want)
	wantVersions(t, "Versions", list(t, h, translator.Selection{Batch: "night"}), want)
}

func submitNothing[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	got, err := h.Register.Submit(t.Context(), "night", nil, func(context.Context, Tx, []translator.Version) error { return errRefused })
	if err != nil || len(got) != 0 {
		t.Errorf("Submit of nothing: %v, %v", got, err)
	}
	if batches, err := h.Stories.Batches(t.Context()); err != nil || len(batches) != 0 {
		t.Errorf("it made %v, %v", batches, err)
	}
}

func submitUnnamed[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	if _, err := h.Register.Submit(t.Context(), "", versions(1), nil); !errors.Is(err, translator.Invalid) {
		t.Errorf("a batch without a name: %v, want Invalid", err)
	}
	if got := list(t, h, translator.Selection{}); len(got) != 0 {
		t.Errorf("a refused submission left %v", got)
	}
}

// submitWaits gives a new version what only work can give it.
func submitWaits[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	v := version(arabicEnglish, "a", 1)
	given := v
	given.ID, given.State, given.Changed = 77, translator.StateDone, noon.Add(time.Hour)
	given.Reason, given.Result = translator.Reason{Kind: translator.Denied, Text: "no", Hint: "do"}, []byte("result")
	got := submit(t, h, "night", given)
	wantVersions(t, "Submit", got, []translator.Version{brief(waiting(v, got[0].ID))})
	wantVersions(t, "Load", load(t, h, got[0].ID), []translator.Version{waiting(v, got[0].ID)})
}

// submitKnown submits again what is known, beside what is new: of another text,
// of another direction, of another story with the same text.
func submitKnown[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	known := version(arabicEnglish, "a", 1)
	first := submit(t, h, "one", known)[0]
	change(t, h, translator.Change{ID: first.ID, From: []translator.State{translator.Waiting}, To: translator.StatePartial, Time: noon.Add(time.Hour),
		Reason: translator.Reason{Kind: translator.Missing, Text: "two sentences", Hint: "another engine"}, Result: []byte("pairs")})
	was := load(t, h, first.ID)[0]

	other, turned, twin, again := version(arabicEnglish, "a", 2), known, known, known
	turned.Direction, twin.Story = englishArabic, "twin"
	again.Path, again.Priority, again.Article, again.Submitted = "elsewhere", 4, []byte("something else"), noon.Add(48*time.Hour)
	var added []translator.Version
	got, err := h.Register.Submit(t.Context(), "two", []translator.Version{other, again, turned, twin},
		func(_ context.Context, _ Tx, vs []translator.Version) error { added = slices.Clone(vs); return nil })
	if err != nil || len(got) != 4 {
		t.Fatalf("%d, %v", len(got), err)
	}
	wantVersions(t, "the known one", got[1:2], []translator.Version{brief(was)})
	wantVersions(t, "also", added, []translator.Version{got[0], got[2], got[3]})
	wantVersions(t, "Load", load(t, h, first.ID), []translator.Version{was})
	wantVersions(t, "the second batch", list(t, h, translator.Selection{Batch: "two", Brief: true}), got)
	wantVersions(t, "the first batch", list(t, h, translator.Selection{Batch: "one"}), []translator.Version{was})

	_, err = h.Register.Submit(t.Context(), "three", []translator.Version{known, other},
		func(context.Context, Tx, []translator.Version) error { return errRefused })
	if err != nil {
		t.Errorf("nothing is new, and also was called: %v", err)
	}
}

// submitTwice has one version twice in one submission.
func submitTwice[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	a, b := version(arabicEnglish, "a", 1), version(arabicEnglish, "b", 1)
	added := 0
	got, err := h.Register.Submit(t.Context(), "night", []translator.Version{a, b, a},
		func(_ context.Context, _ Tx, vs []translator.Version) error { added = len(vs); return nil })
	if err != nil || len(got) != 3 || got[0].ID != got[2].ID || got[0].ID == got[1].ID || added != 2 {
		t.Errorf("%+v, %v; %d were new", got, err, added)
	}
	wantVersions(t, "the batch", list(t, h, translator.Selection{Batch: "night", Brief: true}), got[:2])
}

// submitCorrections has versions of stories that were there, in this direction
// and in the other, earlier and in the same submission.
func submitCorrections[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	first := submit(t, h, "one", version(arabicEnglish, "a", 1), version(arabicEnglish, "b", 1))
	got := submit(t, h, "two", version(arabicEnglish, "a", 2), version(englishArabic, "b", 2), version(arabicEnglish, "a", 3),
		version(arabicEnglish, "b", 1), version(arabicEnglish, "c", 1))
	want := []translator.VersionID{first[0].ID, 0, got[0].ID, 0, 0}
	for i, v := range got {
		if v.Earlier != want[i] {
			t.Errorf("number %d corrects %d, want %d", i, v.Earlier, want[i])
		}
	}
	for _, v := range submit(t, h, "three", version(arabicEnglish, "a", 3)) {
		if v.Earlier != 0 {
			t.Errorf("what is known corrects %d", v.Earlier)
		}
	}
}

// submitAnyBytes has names and contents as they come from outside.
func submitAnyBytes[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	hostile := []string{"", "قصة/١", "nul\x00within", "\xff\xfe", "a\x00", "a", "'; DROP TABLE versions; --", `\x61`, `\`, "Café", "Cafe\u0301", "CAFÉ",
		" a", "a ", "\u202eevil", "../../etc/passwd", "line\nline", strings.Repeat("long ", 3000)}
	var given []translator.Version
	for _, name := range hostile {
		v := version(arabicEnglish, "a", 1)
		v.Story, v.Path, v.Article = name, "p"+name, []byte("article\x00"+name)
		given = append(given, v)
	}
	every := make([]byte, 1<<20)
	for i := range every {
		every[i] = byte(i * 7)
	}
	large := version(arabicEnglish, "large", 1)
	large.Article, large.Digest, large.Submitted = every, [16]byte{0, 0xff}, time.Date(1969, 7, 20, 20, 17, 40, 123_456_000, time.UTC)
	none := version(arabicEnglish, "none", 1)
	none.Article = []byte{}
	given = append(given, large, none)
	got := submit(t, h, "night\x00\xff'", given...)
	var want []translator.Version
	for i, v := range given {
		want = append(want, waiting(v, got[i].ID))
	}
	wantVersions(t, "Load", load(t, h, idsOf(got)...), want)
	for i, name := range hostile {
		if name == "" {
			continue // every story's
		}
		wantVersions(t, fmt.Sprintf("the story %.40q", name), list(t, h, translator.Selection{Story: name}), want[i:i+1])
	}
	wantVersions(t, "the batch", list(t, h, translator.Selection{Batch: "night\x00\xff'"}), want)
	if batches, err := h.Stories.Batches(t.Context()); err != nil || len(batches) != 1 || batches[0].Name != "night\x00\xff'" {
		t.Errorf("Batches: %v, %v", batches, err)
	}
	odd := version(arabicEnglish, "odd", 1)
	odd.Submitted = time.Date(2026, 3, 14, 14, 0, 0, 123_456_789, time.FixedZone("east", 7200))
	if got := submit(t, h, "night", odd)[0].Submitted; got != noon.Add(123_456*time.Microsecond) {
		t.Errorf("a time with a zone and nanoseconds came back as %v", got)
	}
}

func submitMany[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	given := versions(2000)
	got := submit(t, h, "night", given...)
	again := submit(t, h, "night", given...)
	wantVersions(t, "the second time", again, got)
	slices.Reverse(given)
	submit(t, h, "reversed", given...)
	wantVersions(t, "the batch", list(t, h, translator.Selection{Batch: "night", Brief: true}), got)
	wantVersions(t, "all", list(t, h, translator.Selection{Brief: true}), got)
	slices.Reverse(got)
	wantVersions(t, "the other batch", list(t, h, translator.Selection{Batch: "reversed", Brief: true}), got)
	if loaded := load(t, h, idsOf(got)...); len(loaded) != 2000 || loaded[7].ID != got[7].ID || loaded[7].Article == nil {
		t.Errorf("Load gives %d of 2,000", len(loaded))
	}
}

func submitAlsoFails[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	old := submit(t, h, "old", version(arabicEnglish, "a", 1), version(arabicEnglish, "a", 2))
	refuse := func(ctx context.Context, tx Tx, _ []translator.Version) error {
		return errors.Join(h.Note(ctx, tx, "in vain"), errRefused)
	}
	got, err := h.Register.Submit(t.Context(), "new", []translator.Version{version(arabicEnglish, "a", 1), version(arabicEnglish, "b", 1)}, refuse)
	if !errors.Is(err, errRefused) || got != nil {
		t.Errorf("%v, %v; want the error of also", got, err)
	}
	wantNotes(t, h)
	wantVersions(t, "all", list(t, h, translator.Selection{Brief: true}), old[1:])
	if batches, err := h.Stories.Batches(t.Context()); err != nil || len(batches) != 1 || batches[0].Name != "old" {
		t.Errorf("Batches: %+v, %v", batches, err)
	}
}

// alsoValues: what a caller's context holds, its job for one, also has.
func alsoValues[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	defer cancel()
	want := func(ctx context.Context) error {
		if ctx.Value(key{}) != "value" {
			return errRefused
		}
		return nil
	}
	_, submitErr := h.Register.Submit(ctx, "night", versions(1), func(ctx context.Context, _ Tx, _ []translator.Version) error { return want(ctx) })
	_, changeErr := h.Register.Change(ctx, nil, func(ctx context.Context, _ Tx, _ []translator.VersionID) error { return want(ctx) })
	if err := errors.Join(submitErr, changeErr); err != nil {
		t.Error("the context of also has not the values of the caller's")
	}
}

// alsoPanics: a bug in also is the caller's, and takes everything back.
func alsoPanics[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	v := version(arabicEnglish, "a", 1)
	panics := func(call func() error) (got any) {
		defer func() { got = recover() }()
		t.Errorf("a panic became %v", call())
		return nil
	}
	for _, call := range []func() error{
		func() error {
			_, err := h.Register.Submit(t.Context(), "night", []translator.Version{v}, func(ctx context.Context, tx Tx, _ []translator.Version) error {
				panic(errors.Join(h.Note(ctx, tx, "in vain"), errRefused))
			})
			return err
		},
		func() error {
			_, err := h.Register.Change(t.Context(), nil, func(ctx context.Context, tx Tx, _ []translator.VersionID) error {
				panic(errors.Join(h.Note(ctx, tx, "in vain"), errRefused))
			})
			return err
		},
	} {
		if err, ok := panics(call).(error); !ok || !errors.Is(err, errRefused) {
			t.Errorf("the caller got the panic %v", err)
		}
	}
	wantNotes(t, h)
	wantVersions(t, "all", list(t, h, translator.Selection{}), nil)
	submit(t, h, "night", v)
}

// submitAlsoTogether submits from several goroutines, some of which are
// refused. However often each also was called, what it wrote is there once, or not at all.
func submitAlsoTogether[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	var group sync.WaitGroup
	var want []string
	for i := range 16 {
		refused, name := i%4 == 3, fmt.Sprint("note ", i)
		if !refused {
			want = append(want, name)
		}
		group.Go(func() {
			_, err := h.Register.Submit(t.Context(), fmt.Sprint("batch ", i), []translator.Version{version(arabicEnglish, name, i)},
				func(ctx context.Context, tx Tx, added []translator.Version) error {
					if err := h.Note(ctx, tx, added[0].Story); err != nil || !refused {
						return err
					}
					return errRefused
				})
			if errors.Is(err, errRefused) != refused || !refused && err != nil {
				t.Errorf("submission %d: %v", i, err)
			}
		})
	}
	group.Wait()
	wantNotes(t, h, want...)
	var there []string
	for _, v := range list(t, h, translator.Selection{}) {
		there = append(there, v.Story)
	}
	slices.Sort(there)
	slices.Sort(want)
	if !slices.Equal(there, want) {
		t.Errorf("there are %q, want %q", there, want)
	}
}

// submitTogether submits the same versions from several goroutines: each is
// new to one of them.
func submitTogether[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	given := versions(40)
	var group sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]map[translator.VersionID]bool{}
	added := 0
	for i := range 8 {
		group.Go(func() {
			mine := 0
			got, err := h.Register.Submit(t.Context(), fmt.Sprint("batch ", i%2), given[i:],
				func(_ context.Context, _ Tx, vs []translator.Version) error { mine = len(vs); return nil })
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			added += mine
			for _, v := range got {
				if ids[v.Story] == nil {
					ids[v.Story] = map[translator.VersionID]bool{}
				}
				ids[v.Story][v.ID] = true
			}
		})
	}
	group.Wait()
	if added != len(given) || len(ids) != len(given) {
		t.Errorf("%d versions were new, want %d; %d stories", added, len(given), len(ids))
	}
	for story, names := range ids {
		if len(names) != 1 {
			t.Errorf("%s has the ids %v", story, names)
		}
	}
	if got := list(t, h, translator.Selection{}); len(got) != len(given) {
		t.Errorf("there are %d, want %d", len(got), len(given))
	}
}
