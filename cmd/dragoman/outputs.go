package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/format"
	"dragoman/translator/ledger"
	"dragoman/translator/pipeline"
	"dragoman/translator/quality"
)

// This file writes stories and their report, wherever they come from.

// writeOutputs has fill write stories into the configured folder, and then puts
// the report there that fill returns. From then on its files are all this run's,
// even if they hold no pair. Where sure is not set, a run that found no sentence
// leaves an earlier one's files, and its report names none.
func writeOutputs(cfg *config.Config, dir translator.Direction, sure bool, fill func(*format.Outputs) (format.Report, error)) (report format.Report, err error) {
	folder, err := format.OpenDir(cfg.Out)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	out, err := format.NewOutputs(folder, dir, cfg.Formats)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, out.Abort()) }()
	if report, err = fill(out); err != nil {
		return report, err
	}
	if filled := out.Filled(report); filled.Totals.Sentences == 0 && !sure {
		return filled, nil
	}
	return out.Close(report)
}

// newReport begins a report with what was counted.
func newReport(cfg *config.Config, id string, started, finished time.Time, totals pipeline.Totals) format.Report {
	return format.Report{
		Run: id, Started: started, Finished: finished, Settings: settingsDigest(cfg), Meanings: quality.Meanings(),
		Totals: format.Totals{
			Distinct: totals.Distinct, Recalled: totals.Recalled, Sent: totals.Sent, Seconds: finished.Sub(started).Seconds(),
		},
	}
}

// charge adds to a backend what requests came to: what was billed, and of those
// that are open the most that they can be.
func charge(b *format.Backend, r ledger.Row) {
	b.Requests += r.Requests
	b.Size += r.Billed + r.OpenSize
	b.Cost += r.Cost + r.OpenCost
}

// chargeTotals does the same with the totals.
func chargeTotals(t *format.Totals, r ledger.Row) {
	t.Requests += r.Requests
	t.BilledChars += r.Billed + r.OpenSize
	t.CostUSD += r.Cost + r.OpenCost
}

// settingsDigest tells two runs' settings apart, without showing them.
func settingsDigest(cfg *config.Config) string {
	h := sha256.New()
	for _, s := range config.Settings(cfg) {
		fmt.Fprintf(h, "%s=%s\n", s.Key, s.Text())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
