package translator

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"
)

// A Register keeps the stories that are submitted for translation and what
// became of them. Tx is a transaction of its database, so that what else must
// be true at the same moment, a job that is due or over, is written with it.
// It is safe for concurrent use, from several processes where its database is.
//
// The functions given to Submit and Change may be nil. They may be called twice,
// the first time in vain, by whatever goroutine, and must touch nothing but tx.
// Their context has the values of the caller's. An error of theirs takes
// everything back, and so does a panic, which the caller gets.
//
// Every text and every byte comes back as it was given, also one that is not
// UTF-8 or is a NUL; a time comes back in UTC and to the microsecond.
type Register[Tx any] interface {
	// Submit puts versions into a batch, in order, all or none. Of no versions
	// it makes no batch; a batch without a name is an Invalid error. One that is new is
	// Waiting from its Submitted time on, whatever its State says. One that is
	// known already, in the same direction, of the same story and digest, is
	// not written again, but joins the batch, and counts as the one of its story
	// that was submitted last. Submit returns them as they are now, with their IDs, but without
	// Article and Result. also is given those of them that are new, unless
	// there are none.
	Submit(ctx context.Context, batch string, versions []Version,
		also func(ctx context.Context, tx Tx, added []Version) error) ([]Version, error)
	// Change makes changes in their order, and calls also, in one transaction.
	// It returns the ids of the versions that it changed, in that order: one
	// whose state is not among From, or that does not exist, stays as it is.
	// also is given the same ids, and is called even if all stay.
	Change(ctx context.Context, changes []Change, also func(ctx context.Context, tx Tx, changed []VersionID) error) ([]VersionID, error)
}

// Stories lets people see what a Register holds.
type Stories interface {
	// Versions yields what a selection picks of the versions that are there
	// when it is begun. Of a batch, all its versions in the order in which they
	// joined it. Of all batches, the newest version of each story in each
	// direction, in the order in which the stories were submitted first: of those
	// that are not cancelled the one that was submitted last, or of all if all
	// are. So to cancel a correction brings back what it corrected. A Version without its Article and Result is yielded where the
	// selection is Brief.
	Versions(ctx context.Context, s Selection) iter.Seq2[Version, error]
	// Load returns the versions of ids, in the order of ids. One that does not
	// exist is left out.
	Load(ctx context.Context, ids []VersionID) ([]Version, error)
	// Tally counts the versions that a selection picks by direction and state, in that order.
	Tally(ctx context.Context, s Selection) ([]VersionTally, error)
	// Batches returns all batches, the one that was begun last first.
	Batches(ctx context.Context) ([]Batch, error)
}

// A Shelf is a Register that tells what it holds, as every store's does.
type Shelf[Tx any] interface {
	Register[Tx]
	Stories
}

// A VersionID names a version in one Register.
type VersionID int64

// A Version is one version of one story in one direction: what a correction
// changes is another version of the same story. Direction, Story and Digest
// name it.
type Version struct {
	ID        VersionID
	Direction Direction
	Story     string   // Article.ID
	Digest    [16]byte // of what was submitted
	Path      string   // Article.Path
	Priority  int      // 1 goes first, 4 last
	Article   []byte   // the article, or why it could not be read, as the queue writes it
	State     State
	Reason    Reason // why the state is what it is; empty for Waiting and Done
	Result    []byte // the translated story as the queue writes it; nil before it ended once
	Submitted time.Time
	Changed   time.Time // of State
	// Earlier is set by Submit alone, of what it adds: a version of the same
	// story that was there, the one that was added last; 0 is none.
	Earlier VersionID
}

// A State says how far a version is.
type State string

// The states of a version. Those with the word of a Status mean that.
const (
	Waiting        State = "waiting" // for a worker, or in work
	StateDone            = State(Done)
	StatePartial         = State(Partial)
	StateFailed          = State(Failed)
	StateHeld            = State(Held) // a worker goes on with it later by itself
	StateOnHold    State = "on hold"   // until a person releases it
	StateCancelled State = "cancelled" // by a person
)

// Open tells whether workers still have to do with a version in this state.
func (s State) Open() bool { return s == Waiting || s == StateHeld }

// A Reason is an error that was written down: see ReasonOf.
type Reason struct {
	Kind Kind
	Text string // Error's
	Hint string // HintOf's
}

// A Change moves a version to another state.
type Change struct {
	ID     VersionID
	From   []State // in which it may be; never empty
	To     State
	Reason Reason
	Result []byte // nil leaves it
	Time   time.Time
}

// A Selection picks versions: those of a Batch, of a Direction, of a Story, in
// one of some States, and changed at Since or later, unless these are zero.
// Where it names no batch, a version of a story that is not its newest is not
// picked whatever its state, unless All are.
type Selection struct {
	Batch     string
	Direction Direction
	States    []State
	Story     string
	Since     time.Time
	Brief     bool // without Article and Result
	All       bool // also older versions, in the order in which they were added
}

// Wants tells whether a version in a state is picked, as far as that is for States to say.
func (s Selection) Wants(state State) bool {
	return len(s.States) == 0 || slices.Contains(s.States, state)
}

// A VersionTally counts versions.
type VersionTally struct {
	Direction Direction
	State     State
	Versions  int
	Oldest    time.Time // the earliest Submitted of them
}

// Compare orders tallies by direction and state.
func (t VersionTally) Compare(other VersionTally) int {
	return cmp.Or(t.Direction.Compare(other.Direction), cmp.Compare(t.State, other.State))
}

// A Batch is what was submitted under one name.
type Batch struct {
	Name      string
	Submitted time.Time // of the first version of the first Submit
	Versions  int
}

// Claims sees that a text is in hand on one machine at a time, for a Store that
// several share. A claim ends with Release, or with the process that has it,
// however that ends, or when that was not heard of for half a minute, as one
// that is frozen or cut off: it never has to be waited out.
type Claims interface {
	// Claim takes those of keys that no other process has, and returns them,
	// each once. What this process has already it keeps. It waits for nothing.
	Claim(ctx context.Context, keys []Key) ([]Key, error)
	// Release gives keys back. One that is not held is passed over.
	Release(ctx context.Context, keys []Key) error
}
