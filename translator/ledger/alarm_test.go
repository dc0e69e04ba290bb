package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/store/ram"
)

// told collects what an alarm tells, as "budget.run_usd 0.5 at 12".
type told struct {
	mu    sync.Mutex
	lines []string
}

func (c *told) tell(limit translator.Limit, spent translator.Spending, share float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := spent.Size
	if limit.Cost > 0 {
		at = int64(spent.Cost)
	}
	c.lines = append(c.lines, fmt.Sprintf("%s %v at %d", limit.Name, share, at))
}

func (c *told) want(t *testing.T, want ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(c.lines, want) {
		t.Errorf("the alarm told\n  %s\nwant\n  %s", strings.Join(c.lines, "\n  "), strings.Join(want, "\n  "))
	}
	c.lines = nil
}

// watched is a real ledger that counts how often it is looked into.
type watched struct {
	*ram.Store
	looks atomic.Int64
}

func (w *watched) Spending(ctx context.Context, of translator.Window) (translator.Spending, error) {
	w.looks.Add(1)
	return w.Store.Spending(ctx, of)
}

func send(t *testing.T, m translator.Backend, sizes ...int) {
	t.Helper()
	for _, size := range sizes {
		translate(t, m, size)
		closeMeter(t, m) // a bill as reserved is settled beside what follows
	}
}

func translate(t *testing.T, m translator.Backend, size int) {
	t.Helper()
	if _, err := m.Translate(t.Context(), request(strings.Repeat("x", size))); err != nil {
		t.Error(err)
	}
}

// TestAlarmOnce: each share of a limit is told once in a run, whichever of the
// run's meters passes it, and only the highest where one request passes several.
func TestAlarmOnce(t *testing.T) {
	t.Parallel()
	book, heard := ram.New(), &told{}
	opts := &ledger.Options{Run: "r", Budget: ledger.Budget{RunSize: 100}, Alarm: ledger.NewAlarm(heard.tell)}
	first, second := ledger.Meter(book, &engine{answer: echo}, opts), ledger.Meter(book, &engine{answer: echo}, opts)
	send(t, first, 49)
	heard.want(t)
	send(t, second, 1)
	heard.want(t, "budget.run_chars 0.5 at 50")
	send(t, first, 10, 10)
	heard.want(t)
	send(t, second, 25, 2)
	heard.want(t, "budget.run_chars 0.95 at 95")
	next := ledger.Meter(book, &engine{answer: echo}, &ledger.Options{Run: "s", Budget: opts.Budget, Alarm: ledger.NewAlarm(heard.tell, 0.9, 0.2)})
	send(t, next, 19, 1, 60, 10, 10)
	heard.want(t, "budget.run_chars 0.2 at 20", "budget.run_chars 0.9 at 90")
	for _, m := range []translator.Backend{first, second, next} {
		closeMeter(t, m)
	}
}

// TestAlarmSeesWhatWasSpentBefore: a day that is nearly spent when a run begins
// is told of with its first request.
func TestAlarmSeesWhatWasSpentBefore(t *testing.T) {
	t.Parallel()
	book, heard := ram.New(), &told{}
	before := ledger.Meter(book, &engine{answer: echo}, &ledger.Options{Run: "before"})
	send(t, before, 85)
	closeMeter(t, before)
	m := ledger.Meter(book, &engine{answer: echo}, &ledger.Options{Run: "r", Alarm: ledger.NewAlarm(heard.tell),
		Budget: ledger.Budget{RunCost: 2000, DayCost: 2000, MonthCost: 1 << 40}})
	send(t, m, 1, 1)
	heard.want(t, "budget.day_usd 0.8 at 1720")
	closeMeter(t, m)
}

// TestAlarmWaitsForTheBill: what is only reserved may come to much less.
func TestAlarmWaitsForTheBill(t *testing.T) {
	t.Parallel()
	heard := &told{}
	answer := func(req translator.Request) (translator.Response, error) {
		heard.want(t)
		return translator.Response{}, &translator.Error{Op: "engine", Kind: translator.Unavailable, MaybePaid: true}
	}
	m := ledger.Meter(ram.New(), &engine{answer: answer}, &ledger.Options{Run: "r",
		Budget: ledger.Budget{RunSize: 100}, Alarm: ledger.NewAlarm(heard.tell)})
	if _, err := m.Translate(t.Context(), request(strings.Repeat("x", 60))); err == nil {
		t.Fatal("no error")
	}
	closeMeter(t, m)
	heard.want(t, "budget.run_chars 0.5 at 60")
}

// TestAlarmSeesExcess: a bill above what was reserved passes a share by itself.
func TestAlarmSeesExcess(t *testing.T) {
	t.Parallel()
	heard := &told{}
	answer := func(req translator.Request) (translator.Response, error) {
		resp, err := echo(req)
		resp.Billed = 96
		return resp, err
	}
	m := ledger.Meter(ram.New(), &engine{answer: answer}, &ledger.Options{Run: "r",
		Budget: ledger.Budget{RunSize: 100}, Alarm: ledger.NewAlarm(heard.tell)})
	send(t, m, 10)
	closeMeter(t, m)
	heard.want(t, "budget.run_chars 0.95 at 96")
	closeMeter(t, m)
}

// TestAlarmAtMidnight: a day's limit starts anew, the month's and the run's go
// on. A request of the day before that comes late changes nothing.
func TestAlarmAtMidnight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins at midnight UTC, 2000-01-01
		heard := &told{}
		alarm := ledger.NewAlarm(heard.tell, 0.5)
		opts := &ledger.Options{Run: "r", Zone: time.UTC, Alarm: alarm,
			Budget: ledger.Budget{RunSize: 1000, DayCost: 2000, MonthCost: 5000}}
		m := ledger.Meter(ram.New(), &engine{answer: echo}, opts)
		time.Sleep(23 * time.Hour)
		send(t, m, 60)
		heard.want(t, "budget.day_usd 0.5 at 1200")
		time.Sleep(59 * time.Minute)
		send(t, m, 10)
		heard.want(t)
		time.Sleep(time.Minute)
		send(t, m, 40)
		synctest.Wait()
		heard.want(t) // 800 of 2,000 today, 2,200 of 5,000 this month
		send(t, m, 15)
		heard.want(t, "budget.day_usd 0.5 at 1100", "budget.month_usd 0.5 at 2500")
		send(t, m, 30, 1, 1)
		heard.want(t)
		closeMeter(t, m)
	})
}

// TestAlarmIsCheap sends 2,500 requests of which each comes to a third of what
// is reserved for it, and looks into the ledger a few times for each share. It
// looks once a minute besides, since others may have spent.
func TestAlarmIsCheap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		book, heard := &watched{Store: ram.New()}, &told{}
		answer := func(req translator.Request) (translator.Response, error) {
			resp, err := echo(req)
			resp.Billed = 10
			return resp, err
		}
		m := ledger.Meter(book, &engine{answer: answer}, &ledger.Options{Run: "r",
			Budget: ledger.Budget{RunSize: 27_500}, Alarm: ledger.NewAlarm(heard.tell)})
		for range 500 {
			send(t, m, 30)
		}
		if looks := book.looks.Load(); looks > 10 {
			t.Errorf("it looked %d times before anything was near", looks)
		}
		for range 2000 {
			send(t, m, 30)
		}
		if looks := book.looks.Load(); looks > 100 {
			t.Errorf("it looked %d times in 2,500 requests", looks)
		}
		if n := len(heard.lines); n != 2 {
			t.Errorf("it told %q", heard.lines)
		}
		before := book.looks.Load()
		time.Sleep(2 * time.Minute)
		send(t, m, 30)
		if looks := book.looks.Load() - before; looks != 1 {
			t.Errorf("after two minutes it looked %d times", looks)
		}
		closeMeter(t, m)
	})
}

// TestAlarmTogether passes shares from 16 callers at once: each is told once,
// and never at less than it is.
func TestAlarmTogether(t *testing.T) {
	t.Parallel()
	for range 3 {
		heard := &told{}
		var low atomic.Bool
		alarm := ledger.NewAlarm(func(limit translator.Limit, spent translator.Spending, share float64) {
			low.Store(low.Load() || float64(spent.Size) < share*float64(limit.Size))
			heard.tell(limit, translator.Spending{}, share)
		}, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)
		m := ledger.Meter(ram.New(), &engine{answer: echo}, &ledger.Options{Run: "r", Budget: ledger.Budget{RunSize: 640}, Alarm: alarm})
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				for range 40 {
					translate(t, m, 1)
				}
			})
		}
		group.Wait()
		closeMeter(t, m)
		slices.Sort(heard.lines)
		if n := len(slices.Compact(heard.lines)); low.Load() || n != len(heard.lines) || !slices.Contains(heard.lines, "budget.run_chars 1 at 0") {
			t.Errorf("told %q, one of them too early: %v", heard.lines, low.Load())
		}
	}
}
