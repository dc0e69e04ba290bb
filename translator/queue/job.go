package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"dragoman/translator"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// A worker works the jobs that River gives it, for one Work.
type worker[Tx any] struct {
	river.WorkerDefaults[jobArgs]
	*work[Tx]
}

// Timeout says that a job may take as long as it takes: its worker's silence
// is what ends it.
func (w *worker[Tx]) Timeout(*river.Job[jobArgs]) time.Duration { return -1 }

// Work works one job, and itself says what becomes of it. River is never told
// that it failed, not even by a panic, and may not change its row: see fence.go.
// A row that could not be changed is left running, and rescued when the lease is over.
func (w *worker[Tx]) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	ctx, h := w.desk.take(ctx, job.ID, job.Attempt)
	defer w.desk.drop(h)
	defer func() {
		if value := recover(); value != nil {
			w.opts.Observer.trouble(&breakdown{value: fmt.Sprintf("%v\n%s", value, debug.Stack())})
		}
	}()
	end := newEnding(job, time.Now(), w.q.opts.trouble, w.halting)
	versions, err := w.q.register.Load(ctx, job.Args.Versions)
	if err != nil {
		versions = blank(job.Args.Versions)
	}
	end.task = end.task.of(versions)
	switch {
	case err != nil:
		end.fail(ctx, versions, err)
	case len(versions) == 0:
		end.vanished()
	case end.downs > 0 && len(versions) > 1:
		end.split(versions)
	default:
		w.opts.Observer.started(end.task)
		defer func() { w.opts.Observer.over(end.task) }()
		w.workAll(ctx, end, versions)
	}
	w.finish(ctx, end)
	return nil
}

// blank returns versions of which nothing is known but that they are to be worked.
func blank(ids []translator.VersionID) []translator.Version {
	versions := make([]translator.Version, len(ids))
	for i, id := range ids {
		versions[i] = translator.Version{ID: id, State: translator.Waiting}
	}
	return versions
}

// workAll translates the versions that are still to be worked.
func (w *worker[Tx]) workAll(ctx context.Context, end *ending, versions []translator.Version) {
	var group []item
	for _, v := range versions {
		if !v.State.Open() {
			continue
		}
		article, err := decodeItem(v)
		if err == nil && end.downs >= maxSilent {
			err = spoilt{errDowns}
		}
		if err != nil {
			end.add(ctx, v, try{err: err})
			continue
		}
		group = append(group, item{v, article})
	}
	if len(group) > 0 {
		w.workGroup(ctx, end, group)
	}
}

// An item is a version with its article.
type item struct {
	version translator.Version
	article translator.Article
}

func decodeItem(v translator.Version) (translator.Article, error) {
	article, unread, err := DecodeArticle(v.Article)
	switch {
	case errors.Is(err, translator.Unsupported):
		return translator.Article{}, err // what a newer program wrote, which may be among the workers
	case err != nil:
		return translator.Article{}, spoilt{err}
	case unread != nil:
		return translator.Article{}, spoilt{unread.Err}
	}
	article.Version = v.Digest
	return article, nil
}

// workGroup translates versions of one direction together.
func (w *worker[Tx]) workGroup(ctx context.Context, end *ending, group []item) {
	articles := make([]translator.Article, len(group))
	for i, it := range group {
		articles[i] = it.article
	}
	stories, err := w.do(ctx, group[0].version.Direction, articles)
	if err == nil && len(stories) != len(group) {
		err = fmt.Errorf("%d stories came of %d", len(stories), len(group))
	}
	for i, it := range group {
		t := try{err: err}
		if i < len(stories) {
			t = try{story: &stories[i]}
		}
		end.add(ctx, it.version, t)
	}
}

// do calls Do, and turns its panic into an error.
func (w *worker[Tx]) do(ctx context.Context, dir translator.Direction, articles []translator.Article) (stories []translator.Story, err error) {
	defer func() {
		if value := recover(); value != nil {
			stories, err = nil, &breakdown{value: value, trace: string(debug.Stack())}
		}
	}()
	return w.opts.Do(ctx, dir, articles)
}

// downsOf counts the tries right before the one of a row that brought their
// worker down: it panicked, or was silent until the lease was over. One that came
// to its end in between, however, shows that the story is not to blame.
func downsOf(row *rivertype.JobRow) int {
	n := 0
	for _, e := range slices.Backward(row.Errors) {
		if e.Attempt != row.Attempt-1-n || e.Error != silentText && !strings.HasPrefix(e.Error, breakdownText) {
			break
		}
		n++
	}
	return n
}

// stopped tells whether an error is there because the process is to end, or
// because this worker must not go on with the job.
func stopped(ctx context.Context, err error) bool {
	cause := context.Cause(ctx)
	if !errors.Is(cause, translator.Interrupted) && !errors.Is(cause, errStale) {
		return false
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, translator.Interrupted) || errors.Is(err, errStale)
}
