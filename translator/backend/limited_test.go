package backend

import (
	"context"
	"math"
	"sync"
	"time"

	"dragoman/translator"
)

// The ways in which a service may limit a minute.
type window string

const (
	fixedWindow   window = "fixed window"   // each minute of the clock
	slidingWindow window = "sliding window" // the minute before each request
	fullBucket    window = "bucket of a minute"
	smallBucket   window = "bucket of a second or of one request"
)

// limited is a service that bears so many requests and so much size a minute,
// and refuses what is more. It does not know how the Client works.
type limited struct {
	traits   translator.Traits
	latency  time.Duration
	window   window
	minute   load          // what it bears; 0 is no bound
	offset   time.Duration // of a fixed window's minute to the clock's
	sayAfter bool          // it says how long to wait, in whole seconds
	atOnce   int           // requests at once; 0 is no bound

	mu       sync.Mutex
	busy     int
	log      []shipment // all that came
	level    load       // of a bucket
	levelled time.Time  // when that was
}

func (l *limited) Traits() translator.Traits {
	t := l.traits
	t.Name, t.Signature = "limited", "limited:1"
	return t
}

func (l *limited) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	after, ok := l.arrive(req.Texts)
	wait := l.latency
	if !ok {
		wait = min(wait, 50*time.Millisecond)
	}
	defer l.leave()
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return translator.Response{}, ctx.Err()
	}
	if !ok {
		return translator.Response{}, &translator.Error{Op: "limited", Kind: translator.Throttled, After: after}
	}
	out := make([]translator.Translation, len(req.Texts))
	for i, text := range req.Texts {
		out[i].Text = token(text)
	}
	return translator.Response{Translations: out}, nil
}

func (l *limited) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
}

// arrive lets a request in, or says how long to wait.
func (l *limited) arrive(texts []string) (after time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := 0
	for _, text := range texts {
		size += l.traits.SizeOf(text)
	}
	now := time.Now()
	s := shipment{at: now, load: load{1, float64(size)}}
	var wait time.Duration
	if l.atOnce > 0 && l.busy >= l.atOnce {
		wait = time.Second
	} else {
		wait = l.wait(now, s.load)
	}
	s.refused = wait > 0
	l.log = append(l.log, s)
	l.busy++
	if !l.sayAfter || wait == 0 {
		return 0, wait == 0
	}
	return time.Duration(math.Ceil(wait.Seconds())) * time.Second, false
}

func (l *limited) wait(now time.Time, asked load) time.Duration {
	switch l.window {
	case fixedWindow:
		begin := now.Add(-l.offset).Truncate(time.Minute).Add(l.offset)
		if l.over(l.sum(begin.Add(-1)).plus(asked)) {
			return begin.Add(time.Minute).Sub(now)
		}
	case slidingWindow:
		for at := now.Add(-time.Minute); ; at = at.Add(100 * time.Millisecond) {
			if !l.over(l.sum(at).plus(asked)) {
				return at.Sub(now.Add(-time.Minute))
			}
		}
	case fullBucket:
		return l.pour(now, asked, l.minute)
	case smallBucket:
		return l.pour(now, asked, load{max(l.minute.requests/60, 1), max(l.minute.size/60, asked.size)})
	}
	return 0
}

// sum is what was accepted after a time.
func (l *limited) sum(after time.Time) (sum load) {
	for i := len(l.log) - 1; i >= 0 && l.log[i].at.After(after); i-- {
		if !l.log[i].refused {
			sum = sum.plus(l.log[i].load)
		}
	}
	return sum
}

func (l *limited) over(sum load) bool { return allBind.over(sum, l.minute) }

// pour takes from a bucket that holds so much and is filled by the minute.
func (l *limited) pour(now time.Time, asked, holds load) time.Duration {
	if l.levelled.IsZero() {
		l.level = holds
	} else {
		l.level = l.level.plus(l.minute.times(now.Sub(l.levelled).Minutes())).least(holds)
	}
	l.levelled = now
	var wait float64 // minutes
	if l.minute.requests > 0 {
		wait = max(wait, (asked.requests-l.level.requests)/l.minute.requests)
	}
	if l.minute.size > 0 {
		wait = max(wait, (asked.size-l.level.size)/l.minute.size)
	}
	if wait > 1e-9 {
		return max(time.Duration(wait*float64(time.Minute)), 1)
	}
	l.level = l.level.plus(asked.times(-1))
	return 0
}

// count returns what came between two times: what was accepted, and how many
// requests were, and were not.
func (l *limited) count(from, to time.Time) (accepted load, refused int) {
	for _, s := range l.log {
		switch {
		case s.at.Before(from) || !s.at.Before(to):
		case s.refused:
			refused++
		default:
			accepted = accepted.plus(s.load)
		}
	}
	return accepted, refused
}

// share returns how much of what the service allows was used between two
// times: of the limit that is used most.
func (l *limited) share(from, to time.Time) float64 {
	accepted, _ := l.count(from, to)
	share, minutes := 0.0, to.Sub(from).Minutes()
	if l.minute.requests > 0 {
		share = max(share, accepted.requests/(l.minute.requests*minutes))
	}
	if l.minute.size > 0 {
		share = max(share, accepted.size/(l.minute.size*minutes))
	}
	return share
}
