package ledger

import (
	"context"
	"slices"
	"sync"
	"time"

	"dragoman/translator"
)

// An Alarm tells when what was billed comes near a limit; what is only reserved
// may come to much less and does not count. It tells once
// for each share of each limit, and for the highest alone where several are
// passed at once. A day's or month's limit starts anew with the next day or
// month. All meters of a run have one Alarm, made by NewAlarm. It is safe for
// concurrent use.
type Alarm struct {
	tell   func(limit translator.Limit, spent translator.Spending, share float64)
	shares []float64 // sorted

	mu      sync.Mutex
	watches map[string]*watch // by the limit's name
}

// A watch is what an Alarm knows of one limit's window.
type watch struct {
	since  time.Time // of the window
	next   int       // the share that is told next
	looked time.Time
	spent  translator.Spending // when it looked
	size   int64               // billed to this run since then
	cost   translator.USD
}

// lookAgain is how long an Alarm goes without looking into the ledger, where
// other programs may have written: another run's end, or a check.
const lookAgain = time.Minute

// NewAlarm returns an Alarm that calls tell, which may be called from several
// goroutines and holds a request up while it runs. Shares are of a limit, as
// 0.8; none are 0.5, 0.8 and 0.95.
func NewAlarm(tell func(limit translator.Limit, spent translator.Spending, share float64), shares ...float64) *Alarm {
	if len(shares) == 0 {
		shares = []float64{0.5, 0.8, 0.95}
	}
	return &Alarm{tell: tell, shares: slices.Sorted(slices.Values(shares)), watches: map[string]*watch{}}
}

// billed notes what a request adds to the windows of limits, and tells of the
// shares that are passed with it.
func (a *Alarm) billed(ctx context.Context, book translator.Ledger, limits []translator.Limit, bill translator.Bill) {
	if a == nil {
		return
	}
	for _, limit := range limits {
		if spent, share := a.passed(ctx, book, limit, int64(bill.Size), bill.Cost); share > 0 {
			a.tell(limit, spent, share)
		}
	}
}

// passed returns the highest share that is passed now and was not before, or 0.
// It looks into the ledger only when what this run has added since the last
// time could be enough to pass one, which is a few times for each.
func (a *Alarm) passed(ctx context.Context, book translator.Ledger, limit translator.Limit, size int64, cost translator.USD) (translator.Spending, float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := a.watches[limit.Name]
	if w == nil || w.since.Before(limit.Window.Since) {
		w = &watch{since: limit.Window.Since}
		a.watches[limit.Name] = w
	}
	if w.since.After(limit.Window.Since) { // a request of yesterday that is late
		return translator.Spending{}, 0
	}
	w.size, w.cost = w.size+size, w.cost+cost
	if !a.mayPass(w, limit, time.Now()) {
		return translator.Spending{}, 0
	}
	spent, err := book.Spending(ctx, limit.Window)
	spent.Size, spent.Cost = spent.Size-spent.OpenSize, spent.Cost-spent.OpenCost
	if err != nil { // a ledger that cannot be read refuses the next request, with the reason
		return translator.Spending{}, 0
	}
	w.spent, w.size, w.cost, w.looked = spent, 0, 0, time.Now()
	share := 0.0
	for used := used(limit, spent.Size, spent.Cost); w.next < len(a.shares) && used >= a.shares[w.next]; w.next++ {
		share = a.shares[w.next]
	}
	return spent, share
}

// mayPass tells whether it is time to look.
func (a *Alarm) mayPass(w *watch, limit translator.Limit, now time.Time) bool {
	if w.next == len(a.shares) {
		return false
	}
	return now.Sub(w.looked) >= lookAgain || used(limit, w.spent.Size+w.size, w.spent.Cost+w.cost) >= a.shares[w.next]
}

// used returns the share of a limit that is used up.
func used(limit translator.Limit, size int64, cost translator.USD) float64 {
	share := 0.0
	if limit.Size > 0 {
		share = float64(size) / float64(limit.Size)
	}
	if limit.Cost > 0 {
		share = max(share, float64(cost)/float64(limit.Cost))
	}
	return share
}
