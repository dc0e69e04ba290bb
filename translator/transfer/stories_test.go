package transfer_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/sqlite"
	"dragoman/translator/transfer"
)

// A desk submits and works on stories at random.
type desk[Tx any] struct {
	t      *testing.T
	shelf  translator.Shelf[Tx]
	random *rand.Rand
	clock  time.Time
}

func (d *desk[Tx]) now() time.Time {
	d.clock = d.clock.Add(time.Duration(d.random.IntN(3)) * time.Millisecond)
	return d.clock
}

// submit puts some of 20 stories, in one of 3 versions, into one of 5 batches.
func (d *desk[Tx]) submit(prefix string) {
	d.t.Helper()
	versions := make([]translator.Version, 1+d.random.IntN(4))
	at := d.now()
	for i, n := range d.random.Perm(20)[:len(versions)] {
		versions[i] = translator.Version{Direction: arEn, Story: fmt.Sprintf("%s %d\xff", prefix, n), Digest: [16]byte{byte(d.random.IntN(3))},
			Path: "night.jsonl", Priority: 1 + n%4, Submitted: at}
		versions[i].Article = fmt.Appendf(nil, "article of %s, %d", versions[i].Story, versions[i].Digest[0])
		if n%7 == 0 {
			versions[i].Direction = enAr
		}
	}
	if _, err := d.shelf.Submit(d.t.Context(), fmt.Sprint(prefix, " batch ", d.random.IntN(5)), versions, nil); err != nil {
		d.t.Fatal(err)
	}
}

// work changes the state of some version.
func (d *desk[Tx]) work() {
	d.t.Helper()
	states := []translator.State{translator.Waiting, translator.StateDone, translator.StatePartial, translator.StateFailed,
		translator.StateHeld, translator.StateOnHold, translator.StateCancelled}
	c := translator.Change{ID: translator.VersionID(1 + d.random.IntN(60)), From: states, To: states[d.random.IntN(len(states))], Time: d.now()}
	switch c.To {
	case translator.StateDone, translator.StatePartial:
		c.Result = fmt.Appendf(nil, "result %d", d.random.IntN(1000))
	case translator.StateHeld, translator.StateFailed:
		c.Reason = translator.Reason{Kind: translator.OverBudget, Text: "over budget", Hint: "wait"}
	}
	if _, err := d.shelf.Change(d.t.Context(), []translator.Change{c}, nil); err != nil {
		d.t.Fatal(err)
	}
}

// A holding is all that people see of a shelf, without numbers.
type holding struct {
	Batches  []translator.Batch
	Versions [][]translator.Version // of each batch
	Newest   []translator.Version
}

func holdingOf(t *testing.T, s translator.Stories) holding {
	t.Helper()
	var h holding
	var err error
	if h.Batches, err = s.Batches(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := func(selection translator.Selection) []translator.Version {
		versions := all(t, s.Versions(t.Context(), selection))
		for i := range versions {
			versions[i].ID = 0
		}
		return versions
	}
	for _, b := range h.Batches {
		h.Versions = append(h.Versions, read(translator.Selection{Batch: b.Name}))
	}
	h.Newest = read(translator.Selection{})
	return h
}

// difference says where two holdings differ first.
func (h holding) difference(other holding) string {
	if !reflect.DeepEqual(h.Batches, other.Batches) {
		return fmt.Sprintf("batches\n%v\n%v", h.Batches, other.Batches)
	}
	for i, list := range append(h.Versions, h.Newest) {
		others := append(other.Versions, other.Newest)[i]
		for k := range min(len(list), len(others)) {
			if !reflect.DeepEqual(list[k], others[k]) {
				return fmt.Sprintf("list %d of %d, version %d\n%+v\n%+v", i, len(h.Versions), k, list[k], others[k])
			}
		}
	}
	return "lengths"
}

// A torn shelf fails after some writes, as a kill would.
type torn struct {
	translator.Shelf[*sql.Tx]
	left int
}

func (s *torn) Submit(ctx context.Context, batch string, versions []translator.Version, also func(context.Context, *sql.Tx, []translator.Version) error) ([]translator.Version, error) {
	if s.left--; s.left < 0 {
		return nil, errBroken
	}
	return s.Shelf.Submit(ctx, batch, versions, also)
}

func (s *torn) Change(ctx context.Context, changes []translator.Change, also func(context.Context, *sql.Tx, []translator.VersionID) error) ([]translator.VersionID, error) {
	if s.left--; s.left < 0 {
		return nil, errBroken
	}
	return s.Shelf.Change(ctx, changes, also)
}

// TestStories copies a register that was filled and worked on at random: once,
// and stopped at any point and done again.
func TestStories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		from, to := open(t), open(t)
		d := &desk[*sql.Tx]{t: t, shelf: from, random: rand.New(rand.NewPCG(seed, 2)), clock: noon}
		for range 40 {
			d.submit("story")
			d.work()
		}
		for n := 0; ; n += 1 + d.random.IntN(10) {
			_, err := transfer.Stories(t.Context(), from, &torn{to, n}, nil)
			if err == nil {
				break
			}
			if err != errBroken {
				t.Fatal(err)
			}
		}
		a, b := holdingOf(t, from), holdingOf(t, to)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("seed %d: the copy differs: %s", seed, a.difference(b))
		}
		counts, err := transfer.Stories(t.Context(), from, to, nil)
		if err != nil || counts.Added != 0 || counts.Changed != 0 || counts.Newer != 0 {
			t.Errorf("seed %d: once more: %+v, %v", seed, counts, err)
		}
	}
}

// TestStoriesGrow copies a register that goes on growing, into one that has
// stories of its own: what is closed there, or newer, stays.
func TestStoriesGrow(t *testing.T) {
	t.Parallel()
	from, to := open(t), open(t)
	random := rand.New(rand.NewPCG(1, 2))
	d := &desk[*sql.Tx]{t: t, shelf: from, random: random, clock: noon}
	own := &desk[*sql.Tx]{t: t, shelf: to, random: random, clock: noon}
	for range 10 {
		own.submit("own")
	}
	before := holdingOf(t, to)
	for range 4 {
		for range 20 {
			d.submit("story")
			d.work()
		}
		if _, err := transfer.Stories(t.Context(), from, to, nil); err != nil {
			t.Fatal(err)
		}
	}
	has := map[string][]translator.Version{}
	after := holdingOf(t, to)
	for i, b := range after.Batches {
		has[b.Name] = after.Versions[i]
	}
	for i, b := range before.Batches {
		if !reflect.DeepEqual(has[b.Name], before.Versions[i]) {
			t.Errorf("batch %s of the store's own changed", b.Name)
		}
	}
	whole := holdingOf(t, from)
	for i, b := range whole.Batches {
		if len(has[b.Name]) != len(whole.Versions[i]) {
			t.Errorf("batch %s has %d versions, want %d", b.Name, len(has[b.Name]), len(whole.Versions[i]))
		}
	}
}

// versionOf returns the only version of a story.
func versionOf(t *testing.T, s translator.Stories, story string) translator.Version {
	t.Helper()
	versions := all(t, s.Versions(t.Context(), translator.Selection{Story: story}))
	if len(versions) != 1 {
		t.Fatalf("%d versions of %s", len(versions), story)
	}
	return versions[0]
}

func submit(t *testing.T, s *sqlite.Store, stories ...string) {
	t.Helper()
	for _, story := range stories {
		v := translator.Version{Direction: arEn, Story: story, Priority: 3, Article: []byte("article"), Submitted: noon}
		if _, err := s.Submit(t.Context(), "night", []translator.Version{v}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func change(t *testing.T, s *sqlite.Store, story string, to translator.State, at time.Time) {
	t.Helper()
	v := versionOf(t, s, story)
	c := translator.Change{ID: v.ID, From: []translator.State{v.State}, To: to, Time: at, Result: []byte("result " + at.String())}
	if changed, err := s.Change(t.Context(), []translator.Change{c}, nil); err != nil || len(changed) != 1 {
		t.Fatal(changed, err)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	from, to := open(t), open(t)
	later := noon.Add(time.Minute)
	for _, s := range []*sqlite.Store{from, to} {
		submit(t, s, "waits", "done here", "done there", "held longer there", "on hold there", "clock", "over there",
			"held back there", "held back, then partial", "cancelled there")
	}
	change(t, from, "done here", translator.StateDone, later)
	change(t, to, "done there", translator.StateDone, noon.Add(time.Second))
	change(t, to, "over there", translator.StateDone, later)
	change(t, from, "done there", translator.StateFailed, later)
	change(t, to, "held longer there", translator.StateHeld, later)
	change(t, from, "held longer there", translator.StateFailed, noon.Add(time.Second))
	change(t, to, "on hold there", translator.StateOnHold, noon.Add(time.Second))
	change(t, from, "on hold there", translator.StateDone, later)
	change(t, to, "held back there", translator.StateOnHold, later)
	change(t, from, "held back there", translator.StateFailed, later.Add(time.Minute))
	change(t, to, "held back, then partial", translator.StateOnHold, later.Add(time.Minute))
	change(t, from, "held back, then partial", translator.StatePartial, later)
	change(t, to, "cancelled there", translator.StateCancelled, later)
	change(t, from, "cancelled there", translator.StateDone, later.Add(time.Minute))
	change(t, from, "clock", translator.StateDone, noon.Add(-time.Hour)) // by a machine whose clock is behind
	var jobs []translator.VersionID
	counts, err := transfer.Stories(t.Context(), from, to, &transfer.Options{Jobs: func(_ context.Context, open []translator.VersionID) error {
		jobs = append(jobs, open...)
		return nil
	}})
	wantCounts(t, counts, transfer.Counts{Seen: 10, Changed: 4, Newer: 2, Open: 2, Over: 1}, err)
	for story, want := range map[string]translator.State{
		"waits": translator.Waiting, "done here": translator.StateDone, "done there": translator.StateDone,
		"held longer there": translator.StateHeld, "on hold there": translator.StateDone, "clock": translator.StateDone,
		"over there": translator.StateDone, "held back there": translator.StateOnHold, "held back, then partial": translator.StatePartial,
		"cancelled there": translator.StateCancelled,
	} {
		if v := versionOf(t, to, story); v.State != want {
			t.Errorf("%s is %s, want %s", story, v.State, want)
		}
	}
	if want := []translator.VersionID{versionOf(t, to, "waits").ID, versionOf(t, to, "held longer there").ID}; !slices.Equal(jobs, want) {
		t.Errorf("jobs for %v, want %v", jobs, want)
	}
}

// TestNewestThere has a correction in the other register that this one lacks.
func TestNewestThere(t *testing.T) {
	t.Parallel()
	from, to := open(t), open(t)
	submit(t, from, "story")
	if _, err := transfer.Stories(t.Context(), from, to, nil); err != nil {
		t.Fatal(err)
	}
	correction := translator.Version{Direction: arEn, Story: "story", Digest: [16]byte{9}, Article: []byte("corrected"), Submitted: noon}
	if _, err := to.Submit(t.Context(), "morning", []translator.Version{correction}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := transfer.Stories(t.Context(), from, to, nil); err != nil {
		t.Fatal(err)
	}
	if v := versionOf(t, to, "story"); string(v.Article) != "corrected" {
		t.Errorf("the newest version is %q", v.Article)
	}
}

// TestDamaged has a version of which the article is damaged: it is left out, so
// that the story can be submitted to the other register.
func TestDamaged(t *testing.T) {
	t.Parallel()
	from, to := open(t), open(t)
	submit(t, from, "whole", "broken", "whole too")
	if _, err := from.DB().ExecContext(t.Context(), "UPDATE articles SET content = x'00' WHERE version_id = ?", int64(versionOf(t, from, "broken").ID)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		counts, err := transfer.Stories(t.Context(), from, to, nil)
		if err != nil || counts.Damaged != 1 || counts.Open != 2 {
			t.Errorf("%+v, %v", counts, err)
		}
	}
	if has := all(t, to.Versions(t.Context(), translator.Selection{Batch: "night"})); len(has) != 2 || has[0].Story != "whole" || has[1].Story != "whole too" {
		t.Errorf("copied %+v", has)
	}
}
