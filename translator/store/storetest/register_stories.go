package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dragoman/translator"
)

func storiesOfBatch[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	a1, a2, b, c := version(arabicEnglish, "a", 1), version(arabicEnglish, "a", 2), version(arabicEnglish, "b", 1), version(arabicEnglish, "c", 1)
	submit(t, h, "other", c, b)
	first := submit(t, h, "night", b, a1)
	second := submit(t, h, "night", a2, a1, c)
	want := []translator.Version{first[0], first[1], second[0], second[2]}
	wantVersions(t, "the batch", list(t, h, translator.Selection{Batch: "night", Brief: true}), want)
	wantVersions(t, "a batch that is not there", list(t, h, translator.Selection{Batch: "nigh"}), nil)
}

// storiesNewest corrects stories, and takes a correction back.
func storiesNewest[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	a1, a2, b1, b2 := version(arabicEnglish, "a", 1), version(arabicEnglish, "a", 2), version(arabicEnglish, "b", 1), version(arabicEnglish, "b", 2)
	want := func(what string, want ...translator.Version) {
		t.Helper()
		wantVersions(t, what, list(t, h, translator.Selection{Brief: true}), want)
	}
	first := submit(t, h, "one", b1, a1)
	want("at first", first...)
	corrected := submit(t, h, "one", a2)
	want("a corrected", first[0], corrected[0])
	submit(t, h, "one", a2, b1)
	want("nothing new", first[0], corrected[0])
	both := submit(t, h, "two", a1, b2)
	want("a taken back in another batch, b corrected", both[1], both[0])
	submit(t, h, "one", a2)
	want("a corrected again, in the batch in which it was", both[1], corrected[0])
	submit(t, h, "one", b2, b1)
	want("b taken back", first[0], corrected[0])
	change(t, h, done(corrected[0].ID, "a"))
	wantVersions(t, "an older one", list(t, h, translator.Selection{States: []translator.State{translator.Waiting}, Brief: true}), first[:1])
	wantVersions(t, "one story", list(t, h, translator.Selection{Story: "b", Brief: true}), first[:1])
}

// storiesCancelled cancels a correction, the version before it, and puts that
// back. A batch has them all.
func storiesCancelled[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	ids := idsOf(submit(t, h, "night", version(arabicEnglish, "a", 1), version(arabicEnglish, "b", 1), version(arabicEnglish, "a", 2)))
	a1, a2 := ids[0], ids[2]
	move := func(id translator.VersionID, from, to translator.State) {
		t.Helper()
		if got := change(t, h, translator.Change{ID: id, From: []translator.State{from}, To: to, Time: noon}); len(got) != 1 {
			t.Fatalf("version %d is not %q", id, from)
		}
	}
	want := func(what string, newest translator.VersionID, state translator.State) {
		t.Helper()
		if got := idsOf(list(t, h, translator.Selection{})); !slices.Equal(got, []translator.VersionID{newest, ids[1]}) {
			t.Errorf("%s: the newest are %d, want %d and b", what, got, newest)
		}
		if got := list(t, h, translator.Selection{Story: "a", States: []translator.State{state}}); len(got) != 1 || got[0].ID != newest {
			t.Errorf("%s: a has the newest %v, want %d, %q", what, got, newest, state)
		}
		tally, err := h.Stories.Tally(t.Context(), translator.Selection{Story: "a"})
		if err != nil || len(tally) != 1 || tally[0].State != state || tally[0].Versions != 1 {
			t.Errorf("%s: %+v, %v; want one that is %q", what, tally, err, state)
		}
	}
	move(a1, translator.Waiting, translator.StateDone)
	move(a2, translator.Waiting, translator.StatePartial)
	want("corrected", a2, translator.StatePartial)
	move(a2, translator.StatePartial, translator.StateCancelled)
	want("the correction cancelled", a1, translator.StateDone)
	move(a1, translator.StateDone, translator.StateCancelled)
	want("both cancelled", a2, translator.StateCancelled)
	move(a1, translator.StateCancelled, translator.Waiting)
	want("the first one put back", a1, translator.Waiting)
	submit(t, h, "later", version(arabicEnglish, "a", 2))
	want("the cancelled one submitted again, which leaves it so", a1, translator.Waiting)
	if got := idsOf(list(t, h, translator.Selection{Batch: "night"})); !slices.Equal(got, ids) {
		t.Errorf("the batch has %d, want %d", got, ids)
	}
	move(a2, translator.StateCancelled, translator.Waiting)
	want("the correction put back", a2, translator.Waiting)
}

func storiesDirections[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	ar, en := version(arabicEnglish, "a", 1), version(englishArabic, "a", 1)
	got := submit(t, h, "night", en, ar)
	wantVersions(t, "all", list(t, h, translator.Selection{Brief: true}), got)
	wantVersions(t, "one direction", list(t, h, translator.Selection{Direction: arabicEnglish, Brief: true}), got[1:])
	wantVersions(t, "another", list(t, h, translator.Selection{Direction: translator.Direction{From: "ar", To: "fr"}}), nil)
}

func storiesBrief[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	v := version(arabicEnglish, "a", 1)
	id := submit(t, h, "night", v)[0].ID
	change(t, h, done(id, "result"))
	full := waiting(v, id)
	full.State, full.Changed, full.Result = translator.StateDone, noon.Add(time.Hour), []byte("result")
	for _, s := range []translator.Selection{{}, {Batch: "night"}} {
		wantVersions(t, "in full", list(t, h, s), []translator.Version{full})
		s.Brief = true
		wantVersions(t, "brief", list(t, h, s), []translator.Version{brief(full)})
	}
}

// A shelf says what a register must hold: versions by the order of their ids,
// each with the number of its last submission.
type shelf struct {
	versions []translator.Version
	last     []int
	batches  map[string][]int
	count    int
}

func (s *shelf) submit(batch string, v translator.Version, id translator.VersionID) {
	i := slices.IndexFunc(s.versions, func(o translator.Version) bool { return o.ID == id })
	if i < 0 {
		i = len(s.versions)
		s.versions, s.last = append(s.versions, waiting(v, id)), append(s.last, 0)
	}
	s.count++
	s.last[i] = s.count
	if !slices.Contains(s.batches[batch], i) {
		s.batches[batch] = append(s.batches[batch], i)
	}
}

// pick says what a selection picks.
func (s *shelf) pick(sel translator.Selection) []translator.Version {
	picked := s.batches[sel.Batch]
	switch {
	case sel.Batch == "" && sel.All:
		picked = nil
		for i := range s.versions {
			picked = append(picked, i)
		}
	case sel.Batch == "":
		picked = s.newest()
	}
	var vs []translator.Version
	for _, i := range picked {
		v := s.versions[i]
		if (sel.Direction == translator.Direction{} || v.Direction == sel.Direction) && (sel.Story == "" || v.Story == sel.Story) &&
			(len(sel.States) == 0 || slices.Contains(sel.States, v.State)) && !v.Changed.Before(sel.Since) {
			if sel.Brief {
				v = brief(v)
			}
			vs = append(vs, v)
		}
	}
	return vs
}

func (s *shelf) newest() []int {
	var order []string
	newest := map[string]int{}
	for i, v := range s.versions {
		name := v.Direction.String() + v.Story
		j, ok := newest[name]
		if !ok {
			order = append(order, name)
		}
		if !ok || s.before(j, i) {
			newest[name] = i
		}
	}
	var picked []int
	for _, name := range order {
		picked = append(picked, newest[name])
	}
	return picked
}

// before tells whether of two versions of a story the second is the newer.
func (s *shelf) before(i, j int) bool {
	gone, alsoGone := s.versions[i].State == translator.StateCancelled, s.versions[j].State == translator.StateCancelled
	return gone && !alsoGone || gone == alsoGone && s.last[i] < s.last[j]
}

func (s *shelf) tally(sel translator.Selection) []translator.VersionTally {
	var tallies []translator.VersionTally
	for _, v := range s.pick(sel) {
		i := slices.IndexFunc(tallies, func(t translator.VersionTally) bool { return t.Direction == v.Direction && t.State == v.State })
		if i < 0 {
			i = len(tallies)
			tallies = append(tallies, translator.VersionTally{Direction: v.Direction, State: v.State, Oldest: v.Submitted})
		}
		tallies[i].Versions++
		if v.Submitted.Before(tallies[i].Oldest) {
			tallies[i].Oldest = v.Submitted
		}
	}
	slices.SortFunc(tallies, func(a, b translator.VersionTally) int {
		return cmp.Or(cmp.Compare(a.Direction.From, b.Direction.From), cmp.Compare(a.Direction.To, b.Direction.To), cmp.Compare(a.State, b.State))
	})
	return tallies
}

var someStates = []translator.State{translator.Waiting, translator.StateDone, translator.StateHeld, translator.StateFailed, translator.StateCancelled}

// storiesAnySelection submits and changes at random, and compares random
// selections with what was done.
func storiesAnySelection[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	random := rand.New(rand.NewPCG(5, 6))
	s := &shelf{batches: map[string][]int{}}
	directions := []translator.Direction{arabicEnglish, englishArabic}
	for range 120 {
		batch := fmt.Sprint("batch ", random.IntN(3))
		var given []translator.Version
		for range 1 + random.IntN(4) {
			given = append(given, version(directions[random.IntN(2)], fmt.Sprint("story ", random.IntN(12)), random.IntN(4)))
		}
		for i, v := range submit(t, h, batch, given...) {
			s.submit(batch, given[i], v.ID)
		}
		v := &s.versions[random.IntN(len(s.versions))]
		c := translator.Change{ID: v.ID, From: someStates, To: someStates[random.IntN(len(someStates))], Time: noon.Add(time.Hour)}
		if random.IntN(2) == 0 {
			c.Result = fmt.Append(nil, "result ", random.IntN(100))
			v.Result = c.Result
		}
		change(t, h, c)
		v.State, v.Changed = c.To, c.Time
	}
	for range 150 {
		sel := anySelection(random, directions)
		wantVersions(t, fmt.Sprintf("%+v", sel), list(t, h, sel), s.pick(sel))
		if got, err := h.Stories.Tally(t.Context(), sel); err != nil || !slices.Equal(got, s.tally(sel)) {
			t.Errorf("Tally(%+v): %+v, %v; want %+v", sel, got, err, s.tally(sel))
		}
	}
}

func anySelection(random *rand.Rand, directions []translator.Direction) translator.Selection {
	sel := translator.Selection{Brief: random.IntN(2) == 0, All: random.IntN(3) == 0}
	if random.IntN(2) == 0 {
		sel.Batch = fmt.Sprint("batch ", random.IntN(4))
	}
	if random.IntN(3) == 0 {
		sel.Direction = directions[random.IntN(2)]
	}
	if random.IntN(3) == 0 {
		sel.Story = fmt.Sprint("story ", random.IntN(13))
	}
	for range random.IntN(4) {
		sel.States = append(sel.States, someStates[random.IntN(len(someStates))])
	}
	if random.IntN(3) == 0 {
		sel.Since = noon.Add(time.Hour) // when all changes were made
	}
	return sel
}

// storiesStop ends a reading in the middle, by its reader and by its context.
func storiesStop[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	submit(t, h, "night", versions(1000)...)
	seen := 0
	for range h.Stories.Versions(t.Context(), translator.Selection{}) {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("%d versions after the reader had enough", seen)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	seen = 0
	for _, err := range h.Stories.Versions(ctx, translator.Selection{}) {
		cancel()
		seen++
		last = err
	}
	if !errors.Is(last, context.Canceled) || seen >= 1000 {
		t.Errorf("after a cancel %d versions came and then %v", seen, last)
	}
}

// storiesWhileChanging submits and changes while it reads, from the same
// goroutine. What comes meanwhile is not in the reading.
func storiesWhileChanging[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	given := versions(500)
	ids := idsOf(submit(t, h, "night", given...))
	var seen []translator.VersionID
	for v, err := range h.Stories.Versions(t.Context(), translator.Selection{Batch: "night", Brief: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(seen)%100 == 0 {
			submit(t, h, "night", version(arabicEnglish, fmt.Sprint("late ", len(seen)), 1))
			change(t, h, done(ids[499], "result"))
		}
		seen = append(seen, v.ID)
	}
	if !slices.Equal(seen, ids) {
		t.Errorf("%d versions were read, want the %d that were there", len(seen), len(ids))
	}
}

func storiesTally[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	if got, err := h.Stories.Tally(t.Context(), translator.Selection{}); err != nil || len(got) != 0 {
		t.Errorf("an empty register: %v, %v", got, err)
	}
	ids := idsOf(submit(t, h, "night", version(englishArabic, "e", 1), version(arabicEnglish, "c", 3), version(arabicEnglish, "b", 2),
		version(arabicEnglish, "d", 9)))
	submit(t, h, "later", version(arabicEnglish, "d", 10))
	change(t, h, done(ids[1], "result"))
	want := []translator.VersionTally{
		{Direction: arabicEnglish, State: translator.StateDone, Versions: 1, Oldest: noon.Add(3 * time.Second)},
		{Direction: arabicEnglish, State: translator.Waiting, Versions: 2, Oldest: noon.Add(2 * time.Second)},
		{Direction: englishArabic, State: translator.Waiting, Versions: 1, Oldest: noon.Add(time.Second)},
	}
	if got, err := h.Stories.Tally(t.Context(), translator.Selection{}); err != nil || !slices.Equal(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

func storiesBatches[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	a, b, c := version(arabicEnglish, "a", 9), version(arabicEnglish, "b", 2), version(arabicEnglish, "c", 3)
	submit(t, h, "one", a, b, a)
	submit(t, h, "two", b)
	submit(t, h, "one", b, c)
	want := []translator.Batch{{Name: "two", Submitted: b.Submitted, Versions: 1}, {Name: "one", Submitted: a.Submitted, Versions: 3}}
	if got, err := h.Stories.Batches(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

func storiesSurvive[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	given := versions(10)
	ids := idsOf(submit(t, h, "night", given...))
	change(t, h, done(ids[3], "result"))
	before := list(t, h, translator.Selection{})
	h = h.Reopen(t)
	wantVersions(t, "after reopening", list(t, h, translator.Selection{}), before)
	again := submit(t, h, "night", append(given[:1:1], version(arabicEnglish, "new", 1))...)
	if again[0].ID != ids[0] || slices.Contains(ids, again[1].ID) {
		t.Errorf("after reopening a known one has the id %d, want %d; a new one %d", again[0].ID, ids[0], again[1].ID)
	}
	wantVersions(t, "what ended", load(t, h, ids[3]), before[3:4])
}

func registerContext[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	ids := idsOf(submit(t, h, "night", versions(1)...))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, submitErr := h.Register.Submit(ctx, "night", []translator.Version{version(arabicEnglish, "late", 1)}, nil)
	_, loadErr := h.Stories.Load(ctx, ids)
	_, changeErr := h.Register.Change(ctx, []translator.Change{done(ids[0], "late")}, nil)
	_, tallyErr := h.Stories.Tally(ctx, translator.Selection{})
	_, batchesErr := h.Stories.Batches(ctx)
	var versionsErr error
	for _, err := range h.Stories.Versions(ctx, translator.Selection{}) {
		versionsErr = err
	}
	for name, err := range map[string]error{"Submit": submitErr, "Load": loadErr, "Change": changeErr, "Tally": tallyErr,
		"Batches": batchesErr, "Versions": versionsErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context: %v", name, err)
		}
	}
	if got := list(t, h, translator.Selection{}); len(got) != 1 || got[0].State != translator.Waiting {
		t.Errorf("a cancelled call left %+v", got)
	}
}
