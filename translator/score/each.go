package score

import (
	"context"
	"runtime"
	"sync"
)

// blockLines is how many lines a worker takes at a time: enough that handing
// them over costs nothing, few enough that no worker is left with the last ones.
const blockLines = 64

// A block is some lines that follow each other, with the statistics of each.
type block struct {
	first int // its first line
	lines int
	stats []float64 // of one line after the other
	done  chan struct{}
}

// each counts every line on several goroutines and calls take for each in the
// order of the lines, on the caller's goroutine. It returns when all goroutines
// have ended. The statistics are take's until it returns.
func (s *Scorer) each(ctx context.Context, hyps []string, refs [][]string, take func(line int, stats []float64) error) error {
	if err := comparable(hyps, refs); err != nil {
		return err
	}
	workers := s.workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	work := make(chan *block)
	order := make(chan *block, 2*workers) // bounds how far the workers are ahead of take
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel() // before Wait: deferred calls run last first
	all.Go(func() { s.cut(ctx, len(hyps), work, order) })
	for range workers {
		all.Go(func() {
			l := &line{}
			for b := range work {
				s.countBlock(b, l, hyps, refs)
			}
		})
	}
	for b := range order {
		select {
		case <-b.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		for i := range b.lines {
			if err := take(b.first+i, b.stats[i*s.width:(i+1)*s.width]); err != nil {
				return err
			}
		}
	}
	return context.Cause(ctx)
}

// cut hands out blocks until all lines are handed out or ctx ends.
func (s *Scorer) cut(ctx context.Context, lines int, work, order chan<- *block) {
	defer close(order)
	defer close(work)
	for first := 0; first < lines; first += blockLines {
		b := &block{first: first, lines: min(blockLines, lines-first), done: make(chan struct{})}
		for _, to := range []chan<- *block{order, work} {
			select {
			case to <- b:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (s *Scorer) countBlock(b *block, l *line, hyps []string, refs [][]string) {
	defer close(b.done)
	b.stats = make([]float64, b.lines*s.width)
	of := make([]string, len(refs))
	for i := range b.lines {
		for r := range refs {
			of[r] = refs[r][b.first+i]
		}
		l.set(hyps[b.first+i], of)
		s.count(b.stats[i*s.width:(i+1)*s.width], l)
	}
}
