package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"dragoman/translator"
)

// A RegisterHarness is one empty register to test. Tx is its database's transaction.
type RegisterHarness[Tx any] struct {
	Register translator.Register[Tx]
	Stories  translator.Stories
	// Note writes a note into the database within a transaction, and Notes
	// returns those that are there, in any order.
	Note  func(ctx context.Context, tx Tx, note string) error
	Notes func(t *testing.T) []string
	// Reopen closes the store and opens it again, as the next run of the program would.
	Reopen func(t *testing.T) RegisterHarness[Tx]
}

// RunRegister tests a register: each sentence of the contracts
// translator.Register and Stories is a test. Each call of open returns a new
// one, which lives as long as the test it is given.
func RunRegister[Tx any](t *testing.T, open func(t *testing.T) RegisterHarness[Tx]) {
	tests := []struct {
		name string
		test func(*testing.T, RegisterHarness[Tx])
	}{
		{"submit/round trip", submitRoundTrip[Tx]},
		{"submit/nothing", submitNothing[Tx]},
		{"submit/batch without a name", submitUnnamed[Tx]},
		{"submit/new ones wait", submitWaits[Tx]},
		{"submit/known ones join", submitKnown[Tx]},
		{"submit/one twice", submitTwice[Tx]},
		{"submit/corrections", submitCorrections[Tx]},
		{"submit/any bytes", submitAnyBytes[Tx]},
		{"submit/many", submitMany[Tx]},
		{"submit/also fails", submitAlsoFails[Tx]},
		{"submit/also of some", submitAlsoTogether[Tx]},
		{"submit/together", submitTogether[Tx]},
		{"also/values", alsoValues[Tx]},
		{"also/panics", alsoPanics[Tx]},
		{"load/order", loadOrder[Tx]},
		{"change/from", changeFrom[Tx]},
		{"change/result", changeResult[Tx]},
		{"change/reasons", changeReasons[Tx]},
		{"change/in order", changeInOrder[Tx]},
		{"change/also fails", changeAlsoFails[Tx]},
		{"change/also of none", changeAlsoOfNone[Tx]},
		{"change/together", changeTogether[Tx]},
		{"change/many", changeMany[Tx]},
		{"stories/of a batch", storiesOfBatch[Tx]},
		{"stories/newest", storiesNewest[Tx]},
		{"stories/cancelled", storiesCancelled[Tx]},
		{"stories/directions", storiesDirections[Tx]},
		{"stories/brief", storiesBrief[Tx]},
		{"stories/any selection", storiesAnySelection[Tx]},
		{"stories/stop", storiesStop[Tx]},
		{"stories/change while reading", storiesWhileChanging[Tx]},
		{"stories/tally", storiesTally[Tx]},
		{"stories/batches", storiesBatches[Tx]},
		{"stories/survive", storiesSurvive[Tx]},
		{"stories/context", registerContext[Tx]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.test(t, open(t))
		})
	}
}

// version returns a version as it is submitted: a story's, its text told apart by a number.
func version(dir translator.Direction, story string, text int) translator.Version {
	article := fmt.Sprintf("%s, النص رقم %d", story, text)
	sum := sha256.Sum256([]byte(article))
	return translator.Version{
		Direction: dir, Story: story, Digest: [16]byte(sum[:16]), Path: "wire/" + story + ".txt", Priority: 1 + text%4,
		Article: []byte(article), Submitted: noon.Add(time.Duration(text) * time.Second),
	}
}

// versions returns one version of each of n stories.
func versions(n int) []translator.Version {
	made := make([]translator.Version, n)
	for i := range made {
		made[i] = version(arabicEnglish, fmt.Sprintf("story %d", i), 1)
	}
	return made
}

// waiting returns a version as it is read once it is submitted.
func waiting(v translator.Version, id translator.VersionID) translator.Version {
	v.ID, v.State, v.Changed = id, translator.Waiting, v.Submitted
	return v
}

// brief returns a version without what Brief leaves out.
func brief(v translator.Version) translator.Version {
	v.Article, v.Result = nil, nil
	return v
}

func submit[Tx any](t *testing.T, h RegisterHarness[Tx], batch string, vs ...translator.Version) []translator.Version {
	t.Helper()
	got, err := h.Register.Submit(t.Context(), batch, vs, nil)
	if err != nil || len(got) != len(vs) {
		t.Fatalf("Submit of %d: %d, %v", len(vs), len(got), err)
	}
	return got
}

func load[Tx any](t *testing.T, h RegisterHarness[Tx], ids ...translator.VersionID) []translator.Version {
	t.Helper()
	got, err := h.Stories.Load(t.Context(), ids)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return got
}

func change[Tx any](t *testing.T, h RegisterHarness[Tx], changes ...translator.Change) []translator.VersionID {
	t.Helper()
	got, err := h.Register.Change(t.Context(), changes, nil)
	if err != nil {
		t.Fatalf("Change: %v", err)
	}
	return got
}

// done returns the change that ends a version's work.
func done(id translator.VersionID, result string) translator.Change {
	return translator.Change{ID: id, From: []translator.State{translator.Waiting, translator.StateHeld}, To: translator.StateDone,
		Result: []byte(result), Time: noon.Add(time.Hour)}
}

func list[Tx any](t *testing.T, h RegisterHarness[Tx], s translator.Selection) []translator.Version {
	t.Helper()
	var got []translator.Version
	for v, err := range h.Stories.Versions(t.Context(), s) {
		if err != nil {
			t.Fatalf("Versions(%+v): %v", s, err)
		}
		got = append(got, v)
	}
	return got
}

func idsOf(vs []translator.Version) []translator.VersionID {
	ids := make([]translator.VersionID, len(vs))
	for i, v := range vs {
		ids[i] = v.ID
	}
	return ids
}

// wantVersions compares versions one by one.
func wantVersions(t *testing.T, what string, got, want []translator.Version) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d versions, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		g, w := got[i], want[i]
		g.Earlier, w.Earlier = 0, 0 // which a submission alone tells
		if !same(g, w) {
			t.Errorf("%s, number %d:\n got %.600q\nwant %.600q", what, i, fmt.Sprintf("%+v", got[i]), fmt.Sprintf("%+v", want[i]))
		}
	}
}

// wantNotes compares the notes that are in the database, in any order.
func wantNotes[Tx any](t *testing.T, h RegisterHarness[Tx], want ...string) {
	t.Helper()
	got := h.Notes(t)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the database has the notes %q, want %q", got, want)
	}
}

var errRefused = errors.New("refused by the test")
