package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
)

func loadOrder[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	given := versions(5)
	ids := idsOf(submit(t, h, "night", given...))
	var want []translator.Version
	var asked []translator.VersionID
	for _, i := range []int{3, 0, 4, 3} {
		asked = append(asked, 9999+translator.VersionID(i), ids[i]) // and one that does not exist
		want = append(want, waiting(given[i], ids[i]))
	}
	wantVersions(t, "Load", load(t, h, append(asked, 0, -1)...), want)
	wantVersions(t, "Load of none", load(t, h), nil)
}

// changeFrom tries every state against every other.
func changeFrom[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	states := []translator.State{translator.Waiting, translator.StateDone, translator.StatePartial, translator.StateFailed,
		translator.StateHeld, translator.StateOnHold, translator.StateCancelled}
	id := submit(t, h, "night", version(arabicEnglish, "a", 1))[0].ID
	is := translator.Waiting
	for i, from := range states {
		for j, to := range states {
			at := noon.Add(time.Duration(10*i+j) * time.Minute)
			got := change(t, h, translator.Change{ID: id, From: []translator.State{"another", from}, To: to, Time: at})
			if moved := len(got) == 1 && got[0] == id; moved != (is == from) || !moved && len(got) != 0 {
				t.Fatalf("from %q to %q, where it is %q: changed %v", from, to, is, got)
			}
			if is != from {
				continue
			}
			is = to
			if v := load(t, h, id)[0]; v.State != to || v.Changed != at {
				t.Fatalf("it is %q since %v, want %q since %v", v.State, v.Changed, to, at)
			}
		}
		change(t, h, translator.Change{ID: id, From: states, To: states[(i+1)%len(states)], Time: noon})
		is = states[(i+1)%len(states)]
	}
	if got := change(t, h, translator.Change{ID: id, To: translator.StateDone}, done(id+1, "no such version")); len(got) != 0 {
		t.Errorf("without From, or without a version: changed %v", got)
	}
}

func changeResult[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	given := versions(2)
	ids := idsOf(submit(t, h, "night", given...))
	want := []translator.Version{waiting(given[0], ids[0]), waiting(given[1], ids[1])}
	for i, result := range [][]byte{nil, []byte("first"), nil, {}, nil, []byte("\x00second\xff"), make([]byte, 1<<20), nil} {
		c := translator.Change{ID: ids[0], From: []translator.State{want[0].State}, To: translator.StateDone, Result: slices.Clone(result),
			Time: noon.Add(time.Duration(i) * time.Hour)}
		change(t, h, c)
		want[0].State, want[0].Changed = c.To, c.Time
		if result != nil {
			want[0].Result = result
		}
		if len(c.Result) > 0 {
			c.Result[0]++ // the caller's own again
		}
		wantVersions(t, fmt.Sprint("result ", i), load(t, h, ids...), want)
	}
}

func changeReasons[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	id := submit(t, h, "night", version(arabicEnglish, "a", 1))[0].ID
	reasons := []translator.Reason{{Text: "only a text"}, {Kind: translator.Invalid}, {Hint: "only a hint"},
		{Kind: translator.Denied, Text: "\xffno\x00 سبب", Hint: "\x00"}, {}}
	for kind := translator.Other; kind <= translator.Interrupted; kind++ {
		reasons = append(reasons, translator.Reason{Kind: kind, Text: "text", Hint: "hint"})
	}
	was := translator.Waiting
	for _, reason := range reasons {
		change(t, h, translator.Change{ID: id, From: []translator.State{was}, To: translator.StateFailed, Reason: reason, Time: noon})
		was = translator.StateFailed
		if v := load(t, h, id)[0]; v.Reason != reason {
			t.Errorf("%+v, want %+v", v.Reason, reason)
		}
	}
	change(t, h, translator.Change{ID: id, From: []translator.State{was}, To: translator.Waiting, Time: noon})
	if v := load(t, h, id)[0]; v.Reason != (translator.Reason{}) {
		t.Errorf("the reason %+v is still there", v.Reason)
	}
}

// changeInOrder makes several changes of one version at once, of which each
// sees what the one before it did.
func changeInOrder[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	ids := idsOf(submit(t, h, "night", versions(2)...))
	to := func(id translator.VersionID, from, to translator.State) translator.Change {
		return translator.Change{ID: id, From: []translator.State{from}, To: to, Time: noon}
	}
	got := change(t, h, to(ids[1], translator.Waiting, translator.StateHeld), to(ids[0], translator.Waiting, translator.StateOnHold),
		to(ids[1], translator.Waiting, translator.StateFailed), to(ids[1], translator.StateHeld, translator.StateDone))
	if want := []translator.VersionID{ids[1], ids[0], ids[1]}; !slices.Equal(got, want) {
		t.Errorf("changed %d, want %d", got, want)
	}
	if vs := load(t, h, ids...); vs[0].State != translator.StateOnHold || vs[1].State != translator.StateDone {
		t.Errorf("they are %q and %q", vs[0].State, vs[1].State)
	}
}

func changeAlsoFails[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	given := versions(2)
	ids := idsOf(submit(t, h, "night", given...))
	changes := []translator.Change{done(ids[0], "a"), done(ids[1], "b")}
	got, err := h.Register.Change(t.Context(), changes, func(ctx context.Context, tx Tx, _ []translator.VersionID) error {
		return errors.Join(h.Note(ctx, tx, "in vain"), errRefused)
	})
	if !errors.Is(err, errRefused) || got != nil {
		t.Errorf("%v, %v; want the error of also", got, err)
	}
	wantNotes(t, h)
	wantVersions(t, "Load", load(t, h, ids...), []translator.Version{waiting(given[0], ids[0]), waiting(given[1], ids[1])})
	got, err = h.Register.Change(t.Context(), changes, func(ctx context.Context, tx Tx, changed []translator.VersionID) error {
		if !slices.Equal(changed, ids) {
			t.Errorf("also is told that %v were changed, want %v", changed, ids)
		}
		return h.Note(ctx, tx, "done")
	})
	if err != nil || !slices.Equal(got, ids) {
		t.Errorf("%v, %v", got, err)
	}
	wantNotes(t, h, "done")
}

// changeAlsoOfNone: what is due with a change is done also where a person was faster.
func changeAlsoOfNone[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	id := submit(t, h, "night", version(arabicEnglish, "a", 1))[0].ID
	change(t, h, translator.Change{ID: id, From: []translator.State{translator.Waiting}, To: translator.StateCancelled, Time: noon})
	for i, changes := range [][]translator.Change{{done(id, "too late")}, nil} {
		got, err := h.Register.Change(t.Context(), changes, func(ctx context.Context, tx Tx, changed []translator.VersionID) error {
			if len(changed) > 0 {
				t.Errorf("also is told that %v were changed", changed)
			}
			return h.Note(ctx, tx, fmt.Sprint(i))
		})
		if err != nil || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
	}
	wantNotes(t, h, "0", "1")
	if v := load(t, h, id)[0]; v.State != translator.StateCancelled || v.Result != nil {
		t.Errorf("a cancelled version became %+v", v)
	}
}

// changeTogether has many try to end each version: one of them does, and what
// it wrote is what stands.
func changeTogether[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	ids := idsOf(submit(t, h, "night", versions(20)...))
	winners := make([]atomic.Int64, len(ids))
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i, id := range ids {
				name := fmt.Sprintf("%d by %d", i, worker)
				got, err := h.Register.Change(t.Context(), []translator.Change{done(id, name)}, func(ctx context.Context, tx Tx, _ []translator.VersionID) error {
					return h.Note(ctx, tx, name)
				})
				if err != nil {
					t.Error(err)
				}
				if len(got) == 1 && !winners[i].CompareAndSwap(0, int64(worker+1)) {
					t.Errorf("version %d was ended twice", i)
				}
			}
		})
	}
	group.Wait()
	for i, v := range load(t, h, ids...) {
		if want := fmt.Sprintf("%d by %d", i, winners[i].Load()-1); string(v.Result) != want || v.State != translator.StateDone {
			t.Errorf("version %d is %q, %q; want %q", i, v.State, v.Result, want)
		}
	}
	if notes := h.Notes(t); len(notes) != 8*len(ids) {
		t.Errorf("%d notes, want one of each change", len(notes))
	}
}

// changeMany changes as many versions as a command for all of a night does.
func changeMany[Tx any](t *testing.T, h RegisterHarness[Tx]) {
	ids := idsOf(submit(t, h, "night", versions(2000)...))
	changes := make([]translator.Change, len(ids))
	for i, id := range ids {
		changes[i] = translator.Change{ID: id, From: []translator.State{translator.Waiting}, To: translator.StateCancelled, Time: noon}
	}
	if got := change(t, h, changes...); !slices.Equal(got, ids) {
		t.Errorf("%d were changed, want %d in order", len(got), len(ids))
	}
	if got := list(t, h, translator.Selection{States: []translator.State{translator.StateCancelled}, Brief: true}); len(got) != len(ids) {
		t.Errorf("%d are cancelled, want %d", len(got), len(ids))
	}
}
