package transfer

import (
	"context"
	"slices"

	"dragoman/translator"
)

// entriesBatch is how many entries are looked up and saved at a time.
const entriesBatch = 1000

// Memory copies what an archive remembers into a store. Of two translations
// under one key and signature the one with the later time stands.
func Memory(ctx context.Context, from translator.Archive, to translator.Store, opts *Options) (Counts, error) {
	c := newCopying(opts)
	batch := make([]translator.Entry, 0, entriesBatch)
	for e, err := range from.Entries(ctx) {
		if err != nil {
			return c.counts, err
		}
		if batch = append(batch, e); len(batch) < entriesBatch {
			continue
		}
		if err := c.remember(ctx, to, batch); err != nil {
			return c.counts, err
		}
		batch = batch[:0]
	}
	err := c.remember(ctx, to, batch)
	return c.counts, err
}

// remember saves what of entries the store lacks or has older.
func (c *copying) remember(ctx context.Context, to translator.Store, entries []translator.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	keys := make([]translator.Key, len(entries))
	for i, e := range entries {
		keys[i] = e.Key
	}
	has, err := to.Lookup(ctx, keys)
	if err != nil {
		return err
	}
	counts := c.counts
	var missing []translator.Entry
	for _, e := range entries {
		if counts.add(e, has[e.Key]) {
			missing = append(missing, e)
		}
	}
	if len(missing) > 0 {
		err = to.Save(ctx, missing)
	}
	if err == nil {
		c.counts = counts
		c.tell()
	}
	return err
}

// add counts an entry, and tells whether it is to be saved. Of two of the same
// second the one that is copied stands: it was asked for again.
func (c *Counts) add(e translator.Entry, has []translator.Entry) bool {
	c.Seen++
	for _, old := range has {
		switch {
		case old.Origin.Signature != e.Origin.Signature:
		case old.Origin.Time.After(e.Origin.Time):
			c.Newer++
			return false
		case sameEntry(old, e):
			return false
		default:
			c.Changed++
			return true
		}
	}
	c.Added++
	return true
}

func sameEntry(a, b translator.Entry) bool {
	return a.Source == b.Source && a.Target == b.Target && a.Direction == b.Direction &&
		a.Origin.Kind == b.Origin.Kind && a.Origin.Time.Equal(b.Origin.Time) && slices.Equal(a.Flags, b.Flags)
}
