package transfer

import (
	"context"
	"maps"
	"slices"
	"time"

	"dragoman/translator"
)

// versionsBatch is how many versions are read and written at a time, each with
// an article and a result of some 10 kB.
const versionsBatch = 100

// Stories copies versions with what became of them, batch by batch and in the
// order in which they were submitted. The state of one that the other register
// has already is brought up to date while that one is open there, and not
// older than it is there; or while it is on hold there, by a translation. A version of which the article is damaged is left out: it
// would keep the story from being submitted again.
func Stories[Tx any](ctx context.Context, from translator.Stories, to translator.Shelf[Tx], opts *Options) (Counts, error) {
	c := &shelfCopying[Tx]{
		copying: newCopying(opts), from: from, to: to, here: map[translator.VersionID]here{},
		home: map[digest]string{}, there: map[digest]placed{}, joined: map[string]map[digest]bool{},
	}
	lists, err := c.readLists(ctx)
	for _, step := range [...]func(context.Context) error{
		c.readThere,
		func(ctx context.Context) error { return c.joinAll(ctx, lists) },
		c.updateAll, c.renewAll, c.giveJobs,
	} {
		if err == nil {
			err = step(ctx)
		}
	}
	return c.counts, err
}

// A shelfCopying holds of every version some 300 bytes.
type shelfCopying[Tx any] struct {
	*copying
	from translator.Stories
	to   translator.Shelf[Tx]

	here   map[translator.VersionID]here // in from
	home   map[digest]string             // a batch that has it in from
	there  map[digest]placed             // in to
	joined map[string]map[digest]bool    // in to, by batch
}

// A here is a version where it is copied from.
type here struct {
	name    digest
	state   translator.State
	changed time.Time
}

// A placed is a version where it is copied to.
type placed struct {
	id      translator.VersionID
	state   translator.State
	changed time.Time
	fresh   bool // nothing became of it there
}

func nameOf(v translator.Version) digest {
	return digestOf(string(v.Direction.From), string(v.Direction.To), v.Story, string(v.Digest[:]))
}

func storyOf(v translator.Version) digest {
	return digestOf(string(v.Direction.From), string(v.Direction.To), v.Story)
}

func placedAs(v translator.Version) placed {
	return placed{v.ID, v.State, v.Changed, v.State == translator.Waiting && v.Changed.Equal(v.Submitted)}
}

// readLists reads what is to be copied, the oldest batch first.
func (c *shelfCopying[Tx]) readLists(ctx context.Context) ([]list, error) {
	batches, err := c.from.Batches(ctx)
	if err != nil {
		return nil, err
	}
	slices.Reverse(batches)
	lists := make([]list, len(batches))
	for i, batch := range batches {
		lists[i].batch = batch
		for v, err := range c.from.Versions(ctx, translator.Selection{Batch: batch.Name, Brief: true}) {
			if err != nil {
				return nil, err
			}
			name := nameOf(v)
			lists[i].ids = append(lists[i].ids, v.ID)
			c.here[v.ID] = here{name, v.State, v.Changed}
			c.home[name] = batch.Name
		}
	}
	c.counts.Seen = len(c.here)
	return lists, nil
}

// readThere reads what is there already.
func (c *shelfCopying[Tx]) readThere(ctx context.Context) error {
	batches, err := c.to.Batches(ctx)
	for _, batch := range batches {
		joined := map[digest]bool{}
		for v, err := range c.to.Versions(ctx, translator.Selection{Batch: batch.Name, Brief: true}) {
			if err != nil {
				return err
			}
			name := nameOf(v)
			joined[name] = true
			c.there[name] = placedAs(v)
		}
		c.joined[batch.Name] = joined
	}
	return err
}

// joinAll has versions join batches that they are not in.
func (c *shelfCopying[Tx]) joinAll(ctx context.Context, lists []list) error {
	order := slices.DeleteFunc(inOrder(lists), func(j joining) bool {
		return c.joined[lists[j.list].batch.Name][c.here[j.id].name]
	})
	for len(order) > 0 {
		var ids []translator.VersionID
		for _, j := range order[:min(len(order), versionsBatch)] {
			if j.list != order[0].list {
				break
			}
			ids = append(ids, j.id)
		}
		if err := c.join(ctx, lists[order[0].list].batch, ids); err != nil {
			return err
		}
		order = order[len(ids):]
		c.tell()
	}
	return nil
}

// join has versions join a batch, those that are new with what became of them.
func (c *shelfCopying[Tx]) join(ctx context.Context, batch translator.Batch, ids []translator.VersionID) error {
	versions, err := c.load(ctx, ids)
	if err != nil || len(versions) == 0 {
		return err
	}
	given := slices.Clone(versions)
	if _, known := c.there[nameOf(given[0])]; known {
		given[0].Submitted = batch.Submitted // of which nothing is kept but the batch's time
	}
	written, err := c.to.Submit(ctx, batch.Name, given, nil)
	if err != nil {
		return err
	}
	for _, v := range written {
		name := nameOf(v)
		if _, known := c.there[name]; !known {
			c.counts.Added++
		}
		c.there[name] = placedAs(v)
	}
	_, err = c.update(ctx, versions)
	return err
}

// load loads versions, without those that are damaged.
func (c *shelfCopying[Tx]) load(ctx context.Context, ids []translator.VersionID) ([]translator.Version, error) {
	versions, err := c.from.Load(ctx, ids)
	return slices.DeleteFunc(versions, func(v translator.Version) bool {
		if len(v.Article) > 0 {
			return false
		}
		if _, once := c.here[v.ID]; once {
			c.counts.Damaged++
			delete(c.here, v.ID)
		}
		return true
	}), err
}

// update brings versions up to date where they are open and not newer. It
// returns how many were changed.
func (c *shelfCopying[Tx]) update(ctx context.Context, versions []translator.Version) (int, error) {
	var changes []translator.Change
	now := map[translator.VersionID]translator.Version{}
	for _, v := range versions {
		p := c.there[nameOf(v)]
		if !p.olderThan(v.State, v.Changed) {
			continue
		}
		now[p.id] = v
		changes = append(changes, translator.Change{ID: p.id, From: []translator.State{p.state}, To: v.State, Reason: v.Reason, Result: v.Result, Time: v.Changed})
	}
	if len(changes) == 0 {
		return 0, nil
	}
	changed, err := c.to.Change(ctx, changes, nil)
	for _, id := range changed {
		v := now[id]
		c.there[nameOf(v)] = placed{id: id, state: v.State, changed: v.Changed}
	}
	return len(changed), err
}

// olderThan tells whether a version is to be brought to a state of that time.
// One of which nothing became is, whatever the clocks of the machines say, and
// one that is on hold where its translation is there: that was paid for, and to
// hold is to not have it made.
func (p placed) olderThan(state translator.State, changed time.Time) bool {
	if p.state == translator.StateOnHold {
		return state == translator.StateDone || state == translator.StatePartial
	}
	differs := state != p.state || !changed.Equal(p.changed)
	return differs && p.state.Open() && (p.fresh || !changed.Before(p.changed))
}

// updateAll brings those up to date that were there before.
func (c *shelfCopying[Tx]) updateAll(ctx context.Context) error {
	var stale []translator.VersionID
	for _, id := range slices.Sorted(maps.Keys(c.here)) {
		h, p := c.here[id], c.there[c.here[id].name]
		if h.state.Open() && !p.state.Open() {
			c.counts.Over++
		}
		switch {
		case p.olderThan(h.state, h.changed):
			stale = append(stale, id)
		case p.changed.After(h.changed):
			c.counts.Newer++
		}
	}
	for ids := range slices.Chunk(stale, versionsBatch) {
		versions, err := c.load(ctx, ids)
		if err != nil {
			return err
		}
		n, err := c.update(ctx, versions)
		if err != nil {
			return err
		}
		c.counts.Changed += n
		c.tell()
	}
	return nil
}
