package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/store/sqlite"
)

// TestLedgerWhileARunIsAtWork shows a ledger whose store is locked by a run
// that has a request out, and that the services say what they billed.
func TestLedgerWhileARunIsAtWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "dragoman.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := store.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, bill := range []*translator.Bill{{Size: 1010, Cost: 5000, Said: true}, {Size: 500, Cost: 2500}, {}, nil} {
		line := translator.Line{Run: "now", Backend: "model", Signature: "model:1", Direction: translator.Direction{From: "ar", To: "en"},
			Texts: 10, Size: []int{1000, 500, 70, 80}[i], Cost: 9000, Time: time.Now()}
		id, err := store.Reserve(t.Context(), line, nil)
		if err == nil && bill != nil {
			err = store.Settle(t.Context(), id, *bill)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	out, err := process(t, dir, "ledger", "--by", "direction", "--run", "now").CombinedOutput()
	want := `requests of now, by direction; sizes in each backend's own units

direction  requests  unbilled  open  texts  counted  billed  said  difference  cost     open cost
ar-en      4         1         1     20     1500     1510    1010  +1.00%      $0.0075  $0.009
total      4         1         1     20     1500     1510    1010  +1.00%      $0.0075  $0.009

model: Dragoman counted 1500 units; for 1000 of them the service says that it billed 1010, a difference of +1.00%, ` +
		`and the rest is taken as counted; $0.0075 in all; 1 request is open, at most 80 units and $0.009: ` +
		`on the way if a run is at work, or else perhaps paid for and lost
`
	if err != nil || string(out) != want {
		t.Errorf("%v\n got %s\nwant %s", err, out, want)
	}
	if err := errors.Join(unlock(), store.Close()); err != nil {
		t.Error(err)
	}
}

func TestLedgerWindow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 3, 9, 0, 0, 0, time.FixedZone("Cairo", 2*3600))
	for _, tt := range []struct{ since, run, want string }{
		{"", "", "2026-02-01T00:00:00+02:00"}, {"2025-12-31", "", "2025-12-31T00:00:00+02:00"},
		{"", "r", "0001-01-01T00:00:00Z"}, {"2025-12-31", "r", "2025-12-31T00:00:00+02:00"},
	} {
		v, err := newLedgerView("day", tt.since, tt.run, now)
		if got := v.window.Since.Format(time.RFC3339); err != nil || got != tt.want || v.window.Run != tt.run {
			t.Errorf("--since %q --run %q is from %s of %q, %v; want %s", tt.since, tt.run, got, v.window.Run, err, tt.want)
		}
	}
}

// TestReconcile says in words what a backend's requests came to.
func TestReconcile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		row  ledger.Row
		want string
	}{
		{ledger.Row{}, "nothing was billed; nothing is open"},
		{ledger.Row{Counted: 70, Billed: 70}, "Dragoman counted 70 units, at no cost; nothing is open"},
		{ledger.Row{Counted: 70, Billed: 70, Cost: 1400}, "Dragoman counted 70 units and takes them as billed, $0.0014; the service's answers do not say: compare with its console; nothing is open"},
		{ledger.Row{Counted: 80, Billed: 78, Said: 78, SaidOf: 80, Cost: 1560, Open: 2, OpenSize: 9, OpenCost: 180},
			"Dragoman counted 80 units and the service says that it billed 78, a difference of -2.50%, $0.00156; " +
				"2 requests are open, at most 9 units and $0.00018: on the way if a run is at work, or else perhaps paid for and lost"},
	} {
		if got := strings.Join(reconcile(tt.row), "; "); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
