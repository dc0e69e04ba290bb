package translator

import (
	"cmp"
	"context"
	"iter"
	"time"
)

// A Store remembers translations. A text may have several, one per signature.
// It is safe for concurrent use, and what Save has returned from survives a crash.
type Store interface {
	// Lookup returns every remembered translation of each key, in the order of
	// their signatures. A key without one is missing from the map.
	Lookup(ctx context.Context, keys []Key) (map[Key][]Entry, error)
	// Save records entries, all or none. The last one saved under a key and signature wins.
	Save(ctx context.Context, entries []Entry) error
}

// An Entry is one remembered translation; Key and Origin.Signature name it.
type Entry struct {
	Key       Key
	Direction Direction
	Source    string // transport form
	Target    string
	Origin    Origin
	Flags     []string // as in Translation; an entry with flags is never one without
}

// Compare orders entries by what names them.
func (e Entry) Compare(other Entry) int {
	return cmp.Or(e.Key.Compare(other.Key), cmp.Compare(e.Origin.Signature, other.Origin.Signature))
}

// An Archive lets people see and move what a Store remembers.
type Archive interface {
	// Entries yields everything, in the order of direction, key and signature.
	Entries(ctx context.Context) iter.Seq2[Entry, error]
	// Search returns up to limit entries whose source or target holds all words
	// of query in any order, best first. Words are those of SearchWords.
	Search(ctx context.Context, query string, limit int) ([]Entry, error)
	// Stats counts entries by direction and origin, in that order.
	Stats(ctx context.Context) ([]Stat, error)
}

// A Stat counts remembered translations.
type Stat struct {
	Direction Direction
	Kind      OriginKind
	Signature Signature
	Entries   int
	Oldest    time.Time
	Newest    time.Time
}

// Compare orders counts by what they are of.
func (s Stat) Compare(other Stat) int {
	return cmp.Or(s.Direction.Compare(other.Direction), cmp.Compare(s.Kind, other.Kind), cmp.Compare(s.Signature, other.Signature))
}

// A Ledger is written before a request is sent and settled after it is
// answered, so that after a crash its open lines are the only requests that
// may have been paid for and lost. It is safe for concurrent use, from several
// processes where its database is.
type Ledger interface {
	// Reserve checks every limit and writes a line, durably and as one step,
	// so that no two callers pass a limit together. A limit that the line
	// would pass is a *BudgetError, and nothing is written.
	Reserve(ctx context.Context, line Line, limits []Limit) (LineID, error)
	// Settle closes a line with what the service billed.
	Settle(ctx context.Context, id LineID, billed Bill) error
	// Spending sums the lines of a window.
	Spending(ctx context.Context, w Window) (Spending, error)
}

// A LineID names a line of one ledger.
type LineID int64

// A Line is a request about to be sent, with the most it can cost.
type Line struct {
	Run       string // names the run of the program
	Backend   string // Traits.Name
	Signature Signature
	Direction Direction
	Texts     int
	Size      int // in the backend's unit
	Cost      USD
	Time      time.Time
	Shares    []Share // of the versions that asked, each once; their sizes sum up to no more than Size
}

// A Share is what one version of one story has of a Line. It names the version
// as every store does that has it, and not by the number that one store gave it.
type Share struct {
	Story   string   // Article.ID
	Version [16]byte // Article.Version; zero of a story that was not submitted
	Texts   int
	Size    int
}

// A Bill is what a request came to. A request that certainly was not carried
// out has the zero Bill; one that may have been is billed in full.
type Bill struct {
	Size int
	Cost USD
	Said bool // all that the cost rests on is the service's own word
	Time time.Time
}

// A Journal lets people see what a Ledger holds.
type Journal interface {
	// Lines yields the lines of a window in the order they were written.
	Lines(ctx context.Context, w Window) iter.Seq2[Posting, error]
}

// A Posting is a Line with what became of it. Open means that it is not
// settled; then Bill is zero.
type Posting struct {
	ID   LineID
	Line Line
	Open bool
	Bill Bill
}

// A Window picks lines: those of Run unless it is empty, written at or after Since.
type Window struct {
	Run   string
	Since time.Time
}

// Spending is the sum of a window's lines, an open line counted with all it can cost.
type Spending struct {
	Requests int
	Size     int64
	Cost     USD
	Open     int   // lines not settled
	OpenSize int64 // their Size
	OpenCost USD   // their Cost
}

// A Limit caps a window's spending; 0 is no cap.
type Limit struct {
	Name   string // as in the configuration: "budget.run_chars"
	Window Window
	Size   int64
	Cost   USD
}

// A BudgetError is the refusal of a line by a limit. Its kind is OverBudget.
type BudgetError struct {
	Limit Limit
	Spent Spending
	Asked Line
}
