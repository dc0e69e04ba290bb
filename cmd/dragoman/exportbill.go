package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dragoman/translator"
	"dragoman/translator/format"
	"dragoman/translator/ledger"
)

// This file is about the money of an export.

// clocksOff is more than the clocks of those who submit and who work differ by:
// what a version cost was not spent before it was submitted.
const clocksOff = 24 * time.Hour

// spent sums up what the ledger charges to some of the versions that are
// exported, in whatever run, and of a request that served others too their part.
func (d *delivery) spent(ctx context.Context, of func(latest) bool) (ledger.Summary, error) {
	lines := d.db.Lines(ctx, translator.Window{Since: d.started.Add(-clocksOff)})
	theirs := ledger.Portions(lines, func(line translator.Line, share translator.Share) bool {
		v, ok := d.latest[d.key(share.Story)]
		return ok && share.Version == v.digest && line.Direction == d.pick.Direction && of(v)
	})
	return ledger.Summarize(theirs, ledger.ByBackend, time.UTC)
}

func anyVersion(latest) bool { return true }

// backendsOf returns what is settled of a summary.
func (d *delivery) backendsOf(spent ledger.Summary) []format.Backend {
	var backends []format.Backend
	order := order{cfg: d.cfg, dir: d.pick.Direction}
	for _, row := range spent.Rows {
		b := format.Backend{Name: row.Name, Signature: row.Signature, Unit: order.unit(row.Name)}
		charge(&b, billed(row))
		backends = append(backends, b)
	}
	return backends
}

// billed returns what is settled of a row. What is not may be on its way just
// now, and is told apart from that.
func billed(r ledger.Row) ledger.Row {
	r.Requests -= r.Open
	r.Open, r.OpenSize, r.OpenCost = 0, 0, 0
	return r
}

// readBegan finds when the batch that is exported began. What was submitted
// before was in another one.
func (d *delivery) readBegan(ctx context.Context) error {
	if d.pick.Batch == "" {
		return nil
	}
	batches, err := d.stories.Batches(ctx)
	for _, b := range batches {
		if b.Name == d.pick.Batch {
			d.began = b.Submitted
		}
	}
	return err
}

// remarks says what the money of an export is for, where it is for more than the
// sentences that are counted beside it, or other exports have it too. All is
// what was spent.
func (d *delivery) remarks(ctx context.Context, all ledger.Summary, totals format.Totals) (string, error) {
	var b strings.Builder
	for _, row := range all.Backends {
		if row.Texts > totals.Sent {
			fmt.Fprintf(&b, "%s was sent %s: those of earlier tries, of stories that are not done and what was asked again count too\n", row.Name, count(row.Texts, "sentence"))
		}
	}
	for _, some := range []struct {
		of    func(latest) bool
		words string
	}{
		{func(v latest) bool { return v.open }, "for stories that are not done"},
		{func(v latest) bool { return v.earlier }, "for stories of an earlier batch, whose export has it too"},
	} {
		spent, err := d.spentOnAny(ctx, some.of)
		if err != nil {
			return "", err
		}
		if spent.Total.Billed > 0 || spent.Total.Cost > 0 {
			fmt.Fprintf(&b, "of it %s, %s %s\n", billedText(d.backendsOf(spent)), spent.Total.Cost, some.words)
		}
	}
	return b.String(), nil
}

// spentOnAny is spent, and does not read the ledger for no version.
func (d *delivery) spentOnAny(ctx context.Context, of func(latest) bool) (ledger.Summary, error) {
	for _, v := range d.latest {
		if of(v) {
			return d.spent(ctx, of)
		}
	}
	return ledger.Summary{}, nil
}
