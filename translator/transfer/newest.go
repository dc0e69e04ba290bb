package transfer

import (
	"context"
	"slices"

	"dragoman/translator"
)

// renewAll makes that version of each story the newest that is the newest where
// it is copied from. A story of which the other register has a newer one of its own keeps that.
func (c *shelfCopying[Tx]) renewAll(ctx context.Context) error {
	newest := map[digest]digest{}
	for v, err := range c.to.Versions(ctx, translator.Selection{Brief: true}) {
		if err != nil {
			return err
		}
		newest[storyOf(v)] = nameOf(v)
	}
	for v, err := range c.from.Versions(ctx, translator.Selection{Brief: true}) {
		if err != nil {
			return err
		}
		name, there := nameOf(v), newest[storyOf(v)]
		if name == there || c.home[name] == "" || c.home[there] == "" {
			continue
		}
		if err := c.renew(ctx, v.ID, c.home[name]); err != nil {
			return err
		}
	}
	return nil
}

// renew submits a version again, to a batch that has it.
func (c *shelfCopying[Tx]) renew(ctx context.Context, id translator.VersionID, batch string) error {
	versions, err := c.load(ctx, []translator.VersionID{id})
	if err != nil || len(versions) == 0 {
		return err
	}
	_, err = c.to.Submit(ctx, batch, versions, nil)
	return err
}

// giveJobs has open versions worked on.
func (c *shelfCopying[Tx]) giveJobs(ctx context.Context) error {
	var open []translator.VersionID
	for name := range c.home {
		if p, ok := c.there[name]; ok && p.state.Open() {
			open = append(open, p.id)
		}
	}
	slices.Sort(open)
	c.counts.Open = len(open)
	c.tell()
	if c.opts.Jobs == nil {
		return nil
	}
	for ids := range slices.Chunk(open, versionsBatch) {
		if err := c.opts.Jobs(ctx, ids); err != nil {
			return err
		}
	}
	return nil
}
