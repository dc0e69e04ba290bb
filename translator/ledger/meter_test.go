package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/store/ram"
	"dragoman/translator/store/sqlite"
)

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

// engine is a Backend, at 20 dollars a million unless its traits say otherwise,
// that does what it is told.
type engine struct {
	traits translator.Traits
	answer func(translator.Request) (translator.Response, error)
	calls  atomic.Int64
	closed bool
}

func (e *engine) Traits() translator.Traits {
	if e.traits.Name != "" {
		return e.traits
	}
	return translator.Traits{Name: "engine", Signature: "engine:1", Price: 20}
}

func (e *engine) Translate(_ context.Context, req translator.Request) (translator.Response, error) {
	e.calls.Add(1)
	return e.answer(req)
}

func (e *engine) Close() error {
	e.closed = true
	return nil
}

func echo(req translator.Request) (translator.Response, error) {
	var r translator.Response
	for _, text := range req.Texts {
		r.Translations = append(r.Translations, translator.Translation{Text: text})
	}
	return r, nil
}

func request(texts ...string) translator.Request {
	return translator.Request{Direction: arEn, Texts: texts}
}

func TestMeterBills(t *testing.T) {
	t.Parallel()
	maybe := &translator.Error{Op: "engine", Kind: translator.Unavailable, MaybePaid: true}
	tests := []struct {
		name string
		resp translator.Response
		err  error
		want int // size billed of 9
	}{
		{"answered", translator.Response{}, nil, 9},
		{"the service's own count", translator.Response{Billed: 7}, nil, 7},
		{"more than reserved", translator.Response{Billed: 12}, nil, 12},
		{"refused", translator.Response{}, translator.NewError("engine", translator.Throttled, nil), 0},
		{"not sent", translator.Response{}, translator.NewError("engine", translator.Unavailable, errors.New("no route")), 0},
		{"maybe paid", translator.Response{}, maybe, 9},
		{"maybe paid, wrapped", translator.Response{}, fmt.Errorf("again: %w", maybe), 9},
		{"an answer that does not fit", translator.Response{}, translator.NewError("engine", translator.Corrupt, nil), 9},
		{"stopped", translator.Response{}, context.Canceled, 9},
		{"timed out", translator.Response{}, context.DeadlineExceeded, 9},
		{"unknown", translator.Response{}, errors.New("what"), 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			book := ram.New()
			e := &engine{answer: func(translator.Request) (translator.Response, error) {
				if s, _ := book.Spending(t.Context(), translator.Window{Run: "r"}); s.Open != 1 || s.OpenSize != 9 || s.OpenCost != 180 {
					t.Errorf("while the request is out the ledger says %+v", s)
				}
				return tt.resp, tt.err
			}}
			var settled []translator.Bill
			m := ledger.Meter(book, e, &ledger.Options{Run: "r", Settled: func(l translator.Line, b translator.Bill, err error) {
				if l.Texts != 2 || l.Backend != "engine" || l.Signature != "engine:1" || l.Direction != arEn || err != nil {
					t.Errorf("settled %+v, %v", l, err)
				}
				settled = append(settled, b)
			}})
			resp, err := m.Translate(t.Context(), request("عاجل", "قمة ب"))
			if err != tt.err || resp.Billed != tt.resp.Billed {
				t.Errorf("%+v, %v", resp, err)
			}
			closeMeter(t, m)
			want := translator.Spending{Requests: 1, Size: int64(tt.want), Cost: translator.Price(20).Of(tt.want)}
			if got, _ := book.Spending(t.Context(), translator.Window{}); got != want {
				t.Errorf("the ledger says %+v, want %+v", got, want)
			}
			if len(settled) != 1 || settled[0].Size != tt.want || settled[0].Time.IsZero() {
				t.Errorf("settled %+v", settled)
			}
		})
	}
}

func TestMeterRefuses(t *testing.T) {
	t.Parallel()
	e := &engine{answer: echo}
	m := ledger.Meter(ram.New(), e, &ledger.Options{Run: "r", Budget: ledger.Budget{RunSize: 5}})
	if _, err := m.Translate(t.Context(), request("12345")); err != nil {
		t.Fatal(err)
	}
	_, err := m.Translate(t.Context(), request("6"))
	refusal, ok := err.(*translator.BudgetError)
	if !ok || refusal.Limit.Name != "budget.run_chars" || refusal.Asked.Size != 1 || e.calls.Load() != 1 {
		t.Errorf("%v after %d requests, want the refusal as it is after 1", err, e.calls.Load())
	}
	if err := m.(interface{ Close() error }).Close(); err != nil || !e.closed {
		t.Error("Close does not reach the backend")
	}
}

// TestMeterSettlesAfterCancel cancels the run while its request is out.
func TestMeterSettlesAfterCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	book := ram.New()
	e := &engine{answer: func(req translator.Request) (translator.Response, error) { cancel(); return echo(req) }}
	m := ledger.Meter(book, e, nil)
	if _, err := m.Translate(ctx, request("a")); err != nil {
		t.Fatal(err)
	}
	closeMeter(t, m)
	if s, _ := book.Spending(t.Context(), translator.Window{}); s.Open != 0 || s.Size != 1 {
		t.Errorf("the ledger says %+v", s)
	}
	if _, err := m.Translate(ctx, request("a")); !errors.Is(err, context.Canceled) || e.calls.Load() != 1 {
		t.Errorf("a stopped run sent %d requests: %v", e.calls.Load(), err)
	}
}

// TestMeterFreesTheBudget: what a failed request did not spend is there for its
// retry, at once.
func TestMeterFreesTheBudget(t *testing.T) {
	t.Parallel()
	for range 200 {
		e := &engine{answer: func(translator.Request) (translator.Response, error) {
			return translator.Response{}, translator.NewError("engine", translator.Unavailable, nil)
		}}
		m := ledger.Meter(ram.New(), e, &ledger.Options{Run: "r", Budget: ledger.Budget{RunSize: 5}})
		for range 3 {
			if _, err := m.Translate(t.Context(), request("12345")); !errors.Is(err, translator.Unavailable) {
				t.Fatalf("a retry was refused: %v", err)
			}
		}
	}
}

// TestMeterLedgerFails closes a real store before, and while, a request is out.
func TestMeterLedgerFails(t *testing.T) {
	t.Parallel()
	book, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{answer: func(req translator.Request) (translator.Response, error) { book.Close(); return echo(req) }}
	var settleErr error
	m := ledger.Meter(book, e, &ledger.Options{Settled: func(_ translator.Line, _ translator.Bill, err error) { settleErr = err }})
	resp, err := m.Translate(t.Context(), request("a"))
	closeMeter(t, m)
	if err != nil || len(resp.Translations) != 1 || settleErr == nil {
		t.Errorf("%+v, %v; settled with %v: an answer must not be lost to its line", resp, err, settleErr)
	}
	_, err = m.Translate(t.Context(), request("a"))
	if !errors.Is(err, ledger.ErrLedger) || translator.KindOf(err) != translator.Other || e.calls.Load() != 1 {
		t.Errorf("%v after %d requests, want ErrLedger before anything is sent", err, e.calls.Load())
	}
}

// closeMeter waits for settlements.
func closeMeter(t testing.TB, m translator.Backend) {
	t.Helper()
	if err := m.(io.Closer).Close(); err != nil {
		t.Fatal(err)
	}
}

// TestMeterNeverPassesACap runs 1,000 random runs of 1 to 32 callers with
// random requests, failures and caps.
func TestMeterNeverPassesACap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11))
	for run := range 1000 {
		limit := 1 + random.IntN(400)
		budget := ledger.Budget{RunSize: int64(limit)}
		if run%2 == 1 {
			budget = ledger.Budget{RunCost: 1 << 40, DayCost: translator.USD(20 * limit), MonthCost: 1 << 40}
		}
		book := ram.New()
		sent := sendAll(t, book, budget, 1+random.IntN(32), random.Uint64())
		spent, err := book.Spending(t.Context(), translator.Window{})
		if err != nil || spent.Size > int64(limit) || spent.Cost > translator.USD(20*limit) || spent.Open != 0 || spent.Size != sent {
			t.Fatalf("run %d: the cap is %d, %d were billed by the engine, and the ledger says %+v, %v", run, limit, sent, spent, err)
		}
	}
}

// sendAll lets callers send until each is refused, and returns what the engine billed.
func sendAll(t *testing.T, book translator.Ledger, budget ledger.Budget, callers int, seed uint64) int64 {
	var billed atomic.Int64
	e := &engine{answer: func(req translator.Request) (translator.Response, error) {
		if len(req.Texts[0])%5 == 0 {
			return translator.Response{}, translator.NewError("engine", translator.Throttled, nil)
		}
		billed.Add(int64(len(req.Texts[0])))
		return echo(req)
	}}
	m := ledger.Meter(book, e, &ledger.Options{Run: "r", Budget: budget})
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			for range 20 {
				_, err := m.Translate(t.Context(), request(strings.Repeat("x", 1+random.IntN(60))))
				if errors.Is(err, translator.OverBudget) {
					return
				}
				if err != nil && !errors.Is(err, translator.Throttled) {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	closeMeter(t, m)
	return billed.Load()
}

func TestLimits(t *testing.T) {
	t.Parallel()
	cairo := time.FixedZone("Cairo", 2*3600)
	now := time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC) // the first of April in Cairo
	full := ledger.Budget{RunSize: 1, RunCost: 2, DayCost: 3, MonthCost: 4}
	april := time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC)
	want := []translator.Limit{
		{Name: "budget.run_chars", Window: translator.Window{Run: "r"}, Size: 1},
		{Name: "budget.run_usd", Window: translator.Window{Run: "r"}, Cost: 2},
		{Name: "budget.day_usd", Window: translator.Window{Since: april}, Cost: 3},
		{Name: "budget.month_usd", Window: translator.Window{Since: april}, Cost: 4},
	}
	got := ledger.Limits(full, "r", now, cairo)
	if len(got) != len(want) {
		t.Fatalf("%d limits, want %d", len(got), len(want))
	}
	for i, g := range got {
		same := g.Window.Since.Equal(want[i].Window.Since)
		g.Window.Since = want[i].Window.Since
		if !same || g != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if got := ledger.Limits(ledger.Budget{}, "r", now, cairo); len(got) != 0 {
		t.Errorf("no budget means %v", got)
	}
	if got := ledger.Limits(full, "r", now, time.UTC); got[2].Window.Since.Day() != 31 || got[3].Window.Since.Day() != 1 {
		t.Errorf("in UTC it is still March: %v", got)
	}
}
