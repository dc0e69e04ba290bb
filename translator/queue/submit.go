package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dragoman/translator"
	"github.com/riverqueue/river"
)

// SubmitOptions say how to submit. The zero value of each field is its default.
type SubmitOptions struct {
	Batch    string // a name; default the time
	Priority int    // 1 goes first, 4 last; default each story's urgency
	Shard    int    // stories in one job; default 1
}

// Submitted is what a submission came to.
type Submitted struct {
	Batch  string
	New    int                      // versions that are to be worked
	Failed int                      // versions that are new but cannot be read
	Known  map[translator.State]int // versions that were in the store already
	Raised int                      // of those, the ones that have a higher priority now
	// Corrections counts those of New that are another version of a story that
	// was there, and Corrected tells of the first of them, up to correctedMost.
	Corrections int
	Corrected   []Correction
}

// A Correction is a version that takes the place of another one of its story: it
// was meant so, or two stories have one name.
type Correction struct {
	Story     string
	Path, Was string // of the new version and of the one before
	earlier   translator.VersionID
}

// correctedMost is how many corrections a submission tells of.
const correctedMost = 10

// All counts what was submitted.
func (s Submitted) All() int {
	n := s.New + s.Failed
	for _, known := range s.Known {
		n += known
	}
	return n
}

// submitMost is how many versions one transaction submits.
const submitMost = 500

// normalPriority is that of a story whose urgency is not known.
const normalPriority = 3

// Submit puts stories in, and jobs for those that are new: a version that is
// known joins the batch, and its state stays. It writes a part at a time, so
// that after an error what came before it is submitted; it may be called again
// with the same stories.
//
// Of several stories with one ID, the second is named "id~2" and so on, as in
// a run of package pipeline, but only within one call: in a later call, other
// content under an ID is a correction, another version of the same story.
//
// What cannot be read is a story of its own, named by its path, and hides no
// story that could be read. Once that is submitted, under the same ID or path,
// the version that could not be read is cancelled. A Priority that is
// above that of a known version which is still to be worked raises it.
func (q *Queue[Tx]) Submit(ctx context.Context, dir translator.Direction, articles translator.Articles, opts SubmitOptions) (Submitted, error) {
	if opts.Priority < 0 || opts.Priority > 4 {
		return Submitted{}, translator.NewError("submit", translator.Invalid, fmt.Errorf("priority %d is not from 1 to 4", opts.Priority))
	}
	now := time.Now()
	if opts.Batch == "" {
		opts.Batch = now.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	opts.Shard = max(opts.Shard, 1)
	s := &submission[Tx]{
		q: q, dir: dir, opts: opts, now: now, ids: translator.IDs{}, unreadIDs: translator.IDs{},
		sum: Submitted{Batch: opts.Batch, Known: map[translator.State]int{}},
	}
	var err error
	if s.mended, err = q.unread(ctx, dir); err != nil {
		return s.sum, err
	}
	if err := s.readAll(ctx, articles); err != nil {
		return s.sum, err
	}
	if changes := s.mended.changes(now); len(changes) > 0 {
		_, err = q.register.Change(ctx, changes, nil)
	}
	s.nameCorrected(ctx)
	return s.sum, q.fail("submit", err)
}

// A submission is the state of one Submit.
type submission[Tx any] struct {
	q         *Queue[Tx]
	dir       translator.Direction
	opts      SubmitOptions
	now       time.Time
	ids       translator.IDs
	unreadIDs translator.IDs
	part      []translator.Version
	unread    map[int]translator.Reason // of those of part that cannot be read
	mended    *mended
	sum       Submitted
}

func (s *submission[Tx]) readAll(ctx context.Context, articles translator.Articles) error {
	most := max(submitMost/s.opts.Shard, 1) * s.opts.Shard
	for article, err := range articles {
		item, isItem := errors.AsType[*translator.ItemError](err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !isItem:
			return errors.Join(err, s.flush(ctx))
		case err != nil:
			s.addUnread(item)
		default:
			s.add(article)
		}
		if len(s.part) < most {
			continue
		}
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	return s.flush(ctx)
}

func (s *submission[Tx]) add(a translator.Article) {
	s.mended.readable(a)
	a.ID = s.ids.Unique(a.ID)
	s.part = append(s.part, translator.Version{
		Direction: s.dir, Story: a.ID, Digest: DigestOf(a), Path: a.Path, Priority: s.priority(a),
		Article: EncodeArticle(a), Submitted: s.now,
	})
}

// addUnread adds what could not be read, under a name that is in nobody's way:
// a mistyped path or a broken delivery must not be the newest version of a story
// that is translated. A run of package pipeline gives it no name either.
func (s *submission[Tx]) addUnread(item *translator.ItemError) {
	if s.unread == nil {
		s.unread = map[int]translator.Reason{}
	}
	s.unread[len(s.part)] = translator.ReasonOf(item.Err)
	name := s.unreadIDs.Unique(unreadName(item))
	s.mended.unreadable(name)
	s.part = append(s.part, translator.Version{
		Direction: s.dir, Story: name, Digest: DigestOfUnread(item), Path: item.Path,
		Priority: cmp.Or(s.opts.Priority, normalPriority), Article: EncodeUnread(item), Submitted: s.now,
	})
}

// priority returns that of a story's urgency, which the wires count from 1, a
// flash, to 8: two of them share one of ours.
func (s *submission[Tx]) priority(a translator.Article) int {
	if s.opts.Priority > 0 {
		return s.opts.Priority
	}
	urgency, err := strconv.Atoi(strings.TrimSpace(a.Meta["urgency"]))
	if err != nil || urgency < 1 || urgency > 8 {
		return normalPriority
	}
	return (urgency + 1) / 2
}

// flush writes the part that was read, with its jobs.
func (s *submission[Tx]) flush(ctx context.Context) error {
	if len(s.part) == 0 {
		return nil
	}
	fresh := map[translator.VersionID]bool{}
	versions, err := s.q.register.Submit(ctx, s.opts.Batch, s.part, func(ctx context.Context, tx Tx, added []translator.Version) error {
		clear(fresh)
		for _, v := range added {
			fresh[v.ID] = true
		}
		return s.queue(ctx, tx, added)
	})
	if err != nil {
		return s.q.fail("submit", err)
	}
	if err := s.failUnread(ctx, versions, fresh); err != nil {
		return err
	}
	if err := s.raise(ctx, versions, fresh); err != nil {
		return err
	}
	s.count(versions, fresh)
	s.part, s.unread = s.part[:0], nil
	return nil
}

func (s *submission[Tx]) count(versions []translator.Version, fresh map[translator.VersionID]bool) {
	for i, v := range versions {
		_, unread := s.unread[i]
		switch {
		case unread && (fresh[v.ID] || v.State == translator.StateCancelled):
			s.sum.Failed++
		case fresh[v.ID]:
			s.sum.New++
			s.countCorrection(v)
		default:
			s.sum.Known[v.State]++
		}
	}
}

func (s *submission[Tx]) countCorrection(v translator.Version) {
	if v.Earlier == 0 {
		return
	}
	s.sum.Corrections++
	if len(s.sum.Corrected) < correctedMost {
		s.sum.Corrected = append(s.sum.Corrected, Correction{Story: v.Story, Path: v.Path, earlier: v.Earlier})
	}
}

// nameCorrected finds where what is corrected was read. All is submitted by
// then: what cannot be looked up is left out.
func (s *submission[Tx]) nameCorrected(ctx context.Context) {
	for i := range s.sum.Corrected {
		c := &s.sum.Corrected[i]
		was, err := s.q.register.Load(ctx, []translator.VersionID{c.earlier})
		if err != nil {
			return
		}
		for _, v := range was {
			c.Was = v.Path
		}
	}
}

// raise gives known versions that are still to be worked the priority that was
// asked for. What was submitted with it already is left alone.
func (s *submission[Tx]) raise(ctx context.Context, versions []translator.Version, fresh map[translator.VersionID]bool) error {
	var ids []translator.VersionID
	for _, v := range versions {
		if !fresh[v.ID] && v.State.Open() && s.opts.Priority > 0 && s.opts.Priority < v.Priority {
			ids = append(ids, v.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	raised, err := s.q.raise(ctx, ids, s.opts.Priority)
	s.sum.Raised += raised
	return err
}

// queue puts in the jobs of versions. What cannot be read has one as well: it
// fails at once all the same, but should this process be killed before, a worker sees to it.
func (s *submission[Tx]) queue(ctx context.Context, tx Tx, added []translator.Version) error {
	var jobs []river.InsertManyParams
	for shard := range slices.Chunk(added, s.opts.Shard) {
		args, priority := jobArgs{}, 4
		for _, v := range shard {
			args.Versions = append(args.Versions, v.ID)
			priority = min(priority, v.Priority) // a shard is as urgent as the most urgent of it
		}
		jobs = append(jobs, river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{Priority: priority}})
	}
	_, err := s.q.client.InsertManyTx(ctx, tx, jobs)
	return err
}

// failUnread ends the versions that cannot be read, unless they have: one that
// was cancelled is there again.
func (s *submission[Tx]) failUnread(ctx context.Context, versions []translator.Version, fresh map[translator.VersionID]bool) error {
	var changes []translator.Change
	for i, v := range versions {
		if reason, unread := s.unread[i]; unread && (fresh[v.ID] || v.State == translator.StateCancelled) {
			changes = append(changes, translator.Change{
				ID: v.ID, From: []translator.State{translator.Waiting, translator.StateCancelled}, To: translator.StateFailed, Reason: reason, Time: s.now,
			})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	_, err := s.q.register.Change(ctx, changes, nil)
	return s.q.fail("submit", err)
}
