package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"dragoman/translator"
)

// A progress counts a run as it goes, and shows it: bars on a terminal, a plain
// line now and then elsewhere, nothing when quiet.
type progress struct {
	started time.Time
	stories atomic.Int64
	found   atomic.Int64 // sentences read
	settled atomic.Int64 // sentences whose stories are finished
	sent    atomic.Int64 // sentences that requests have brought back
	chars   atomic.Int64 // billed, as far as requests have come back
	cost    atomic.Int64 // translator.USD
	total   atomic.Int64 // sentences in all, once the count beside the run knows

	bars *mpb.Progress
	bar  *mpb.Bar
	end  context.CancelFunc
	over chan struct{}

	closed sync.Once
}

// plainEvery is how often a line is written where there is no terminal.
const plainEvery = 15 * time.Second

// newProgress starts showing on w.
func newProgress(w io.Writer, terminal, quiet bool) *progress {
	p := &progress{started: time.Now(), over: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	p.end = cancel
	switch {
	case quiet:
		close(p.over)
	case terminal:
		close(p.over)
		p.show(w)
	default:
		go p.lines(ctx, w)
	}
	return p
}

func (p *progress) show(w io.Writer) {
	p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithRefreshRate(150*time.Millisecond))
	p.bar = p.bars.AddBar(0,
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return p.line() + " " })),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.left() })),
		mpb.BarRemoveOnComplete(),
	)
}

// lines writes a line every plainEvery until the run is over.
func (p *progress) lines(ctx context.Context, w io.Writer) {
	defer close(p.over)
	tick := time.NewTicker(plainEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fmt.Fprintf(w, "%s%s\n", p.line(), p.left())
		case <-ctx.Done():
			return
		}
	}
}

// line says what has been done.
func (p *progress) line() string {
	return fmt.Sprintf("%s, %s, %s, $%.2f", count(int(p.stories.Load()), "story"), count(int(p.done()), "sentence"),
		count(int(p.chars.Load()), "character"), translator.USD(p.cost.Load()).Float())
}

// done is how many sentences are dealt with: those of finished stories, or
// those that have come back for stories that are not finished yet.
func (p *progress) done() int64 { return max(p.settled.Load(), p.sent.Load()) }

// left says how much time is left, once that can be told.
func (p *progress) left() string {
	done, total := p.done(), p.total.Load()
	if done == 0 || total <= done {
		return ""
	}
	rest := time.Duration(float64(time.Since(p.started)) * float64(total-done) / float64(done))
	return fmt.Sprintf(", %d%%, %s left", done*100/total, rest.Round(time.Second))
}

// read takes note of a story's sentences as they go to work.
func (p *progress) read(sentences int) { p.found.Add(int64(sentences)) }

// story takes note of a story that is finished.
func (p *progress) story(s translator.Story) {
	p.stories.Add(1)
	p.settled.Add(int64(len(s.Sentences)))
	p.draw()
}

// draw moves the bar. Its end is never reached before close.
func (p *progress) draw() {
	if p.bar != nil {
		p.bar.SetTotal(max(p.total.Load(), p.found.Load())+1, false)
		p.bar.SetCurrent(p.done())
	}
}

// billed takes note of a request that came back.
func (p *progress) billed(line translator.Line, bill translator.Bill) {
	p.chars.Add(int64(bill.Size))
	p.cost.Add(int64(bill.Cost))
	if bill.Size > 0 {
		p.sent.Add(int64(line.Texts))
	}
	p.draw()
}

// log returns where logs go so that they do not tear the bars.
func (p *progress) log(w io.Writer) io.Writer {
	if p.bars != nil {
		return p.bars
	}
	return w
}

// close stops showing. It may be called twice.
func (p *progress) close() {
	p.closed.Do(func() {
		p.end()
		<-p.over
		if p.bars != nil {
			p.bar.Abort(true)
			p.bars.Wait()
		}
	})
}
