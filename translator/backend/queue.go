package backend

import (
	"slices"
	"time"

	"dragoman/translator"
)

// A queue holds the texts that belong to no request yet, a lane for each
// direction, in the order in which the lanes were first needed.
type queue struct {
	maxTexts, maxSize int // of a request
	lanes             []*lane
}

// A lane is the queue of one direction. It works out the next request while
// texts come, and looks at each text once.
type lane struct {
	dir  translator.Direction
	jobs []*job
	next batch
}

// lookAhead is how many texts behind the first that does not fit are tried in
// its place. With sentences that fill a tenth of a request it wastes a
// hundredth of the room, where taking them as they come wastes a twentieth.
const lookAhead = 64

// A batch is which texts of a lane make the next request.
type batch struct {
	places []int // in jobs, rising
	size   int
	seen   int  // jobs that were looked at
	passed int  // of those, not taken
	full   bool // waiting could not make it fuller
	closed bool // there is nothing more to look for
}

// fill goes on with the batch where it stopped. The first text is always
// taken: one that is above maxSize by itself goes alone.
func (q *queue) fill(l *lane) {
	for b := &l.next; !b.closed && b.seen < len(l.jobs); b.seen++ {
		size := l.jobs[b.seen].size
		switch {
		case b.seen > 0 && q.maxSize > 0 && b.size+size > q.maxSize:
			b.full = true
			b.passed++
		default:
			b.places = append(b.places, b.seen)
			b.size += size
		}
		b.closed = len(b.places) == q.maxTexts || q.maxSize > 0 && b.size >= q.maxSize || b.passed > lookAhead
		b.full = b.full || b.closed
	}
}

// push puts a text at the end of its lane.
func (q *queue) push(j *job) {
	l := q.lane(j.dir)
	l.jobs = append(l.jobs, j)
	q.fill(l)
}

// texts counts what waits.
func (q *queue) texts() int {
	n := 0
	for _, l := range q.lanes {
		n += len(l.jobs)
	}
	return n
}

// pushFront puts texts of one direction back where they came from.
func (q *queue) pushFront(jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	l := q.lane(jobs[0].dir)
	l.jobs = slices.Concat(jobs, l.jobs)
	q.refill(l)
}

func (q *queue) lane(dir translator.Direction) *lane {
	for _, l := range q.lanes {
		if l.dir == dir {
			return l
		}
	}
	l := &lane{dir: dir}
	q.lanes = append(q.lanes, l)
	return l
}

func (q *queue) refill(l *lane) {
	l.next = batch{places: l.next.places[:0]}
	q.fill(l)
	if len(l.jobs) == 0 {
		q.lanes = slices.DeleteFunc(q.lanes, func(other *lane) bool { return other == l })
	}
}

// ready returns the lane whose next request may go first, and when: at once if
// it is full, and otherwise when its first text has waited for as long as linger.
// It returns nil when there is no text. Of several, the longest wait counts.
func (q *queue) ready(linger time.Duration) (*lane, time.Time) {
	var best *lane
	var at time.Time
	for _, l := range q.lanes {
		since := l.jobs[0].queued
		ready := since
		if !l.next.full {
			ready = since.Add(linger)
		}
		if best == nil || ready.Before(at) {
			best, at = l, ready
		}
	}
	return best, at
}

// take removes the texts of a lane's next request.
func (q *queue) take(l *lane) []*job {
	b := l.next
	taken := make([]*job, len(b.places))
	// What was passed over moves to the end of what was looked at, so that the
	// rest of a long queue stays where it is.
	to, p := b.seen-1, len(b.places)-1
	for from := b.seen - 1; from >= 0; from-- {
		if p >= 0 && b.places[p] == from {
			taken[p] = l.jobs[from]
			p--
			continue
		}
		l.jobs[to] = l.jobs[from]
		to--
	}
	clear(l.jobs[:to+1])
	l.jobs = l.jobs[to+1:]
	q.refill(l)
	return taken
}

// drop removes and returns a caller's texts.
func (q *queue) drop(k *call) []*job {
	var dropped []*job
	for _, l := range slices.Clone(q.lanes) {
		l.jobs = slices.DeleteFunc(l.jobs, func(j *job) bool {
			if j.call == k {
				dropped = append(dropped, j)
			}
			return j.call == k
		})
		q.refill(l)
	}
	return dropped
}

// empty removes and returns all texts.
func (q *queue) empty() []*job {
	var jobs []*job
	for _, l := range q.lanes {
		jobs = append(jobs, l.jobs...)
	}
	q.lanes = nil
	return jobs
}
