package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/queue"
	"dragoman/translator/web"
)

// A desk is a store with its queue.
type desk struct {
	cfg     *config.Config
	log     *zap.Logger
	db      database
	river   *slog.Logger // for what River has to say
	stories translator.Stories
	queue   jobs
}

// newDesk puts a queue on a store.
func newDesk(ctx context.Context, cfg *config.Config, log *zap.Logger, db database) (*desk, error) {
	stories, err := storiesOf(db)
	if err != nil {
		return nil, err
	}
	river := engineLog(log)
	q, err := queueOf(ctx, db, &queue.Options{Lease: cfg.Queue.Lease, Logger: river}, func(holder string) {
		log.Info("another process is at work on the store; waiting until the queue's tables are there", zap.String("holder", holder))
	})
	if err != nil {
		return nil, err
	}
	return &desk{cfg: cfg, log: log, db: db, river: river, stories: stories, queue: q}, nil
}

// withDesk runs do on the configured store and its queue.
func (a *app) withDesk(cmd *cobra.Command, open opener, do func(context.Context, *desk) error) error {
	return a.withOpened(cmd, open, func(ctx context.Context, cfg *config.Config, log *zap.Logger, db database) error {
		d, err := newDesk(ctx, cfg, log, db)
		if err != nil {
			return err
		}
		return do(ctx, d)
	})
}

// knownBatch refuses the name of a batch that there is not; no name is every batch.
func knownBatch(ctx context.Context, stories translator.Stories, name string) error {
	batches, err := stories.Batches(ctx)
	if err != nil || name == "" || slices.ContainsFunc(batches, func(b translator.Batch) bool { return b.Name == name }) {
		return err
	}
	none := translator.NewError("", translator.Invalid, fmt.Errorf("there is no batch %q", name))
	none.Hint = "the latest batches: " + latestBatches(batches)
	if len(batches) == 0 {
		none.Hint = nothingYet
	}
	return none
}

// nothingYet is what to do about a store without stories.
const nothingYet = "put stories in with dragoman submit, or name another store with --store"

// latestBatches names a few, for a person who mistyped one.
func latestBatches(batches []translator.Batch) string {
	var names []string
	for _, b := range batches[:min(len(batches), 5)] {
		names = append(names, b.Name)
	}
	return strings.Join(names, ", ")
}

// budgets says what is spent of each limit that holds for all processes
// together. That of a run is each worker's own.
func (d *desk) budgets(ctx context.Context, now time.Time) ([]web.Spent, error) {
	var list []web.Spent
	for _, l := range ledger.Limits(budgetOf(d.cfg), "", now, time.Local) {
		if l.Window.Since.IsZero() {
			continue
		}
		spent, err := d.db.Spending(ctx, l.Window)
		if err != nil {
			return nil, err
		}
		list = append(list, web.Spent{Limit: l.Name, Spent: spent.Cost, Most: l.Cost})
	}
	return list, nil
}
