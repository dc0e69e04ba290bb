package backend

import (
	"time"

	"dragoman/translator"
)

// Options of a Client. The zero value of each field is its default.
type Options struct {
	// Connections is the most requests at once; 0 is what the Traits say, or 1.
	// A Client begins with as many, and has fewer while the service refuses them.
	Connections int
	// Linger is how long a text waits for others to share its request, and
	// while other requests are on their way up to ten times as long; 0 is 50 ms,
	// below 0 is not at all.
	Linger   time.Duration
	Attempts int // how often a request is sent to a backend that is Unavailable; 0 is 5
	// Patience is how long one request waits in all while it is Throttled,
	// which does not count as an attempt; 0 is 15 minutes.
	Patience time.Duration
	// A request without an answer ends after BaseTimeout and, for each unit of
	// its size, UnitTimeout, but after RequestTimeout at most. 0 is a minute, in
	// which an engine of this machine loads its model; 20 ms, which a language
	// model that writes a dozen tokens a second keeps to; and 10 minutes, as
	// Google's own client has it. So one sentence has about a minute. UnitTimeout
	// below 0 gives all sizes the same.
	BaseTimeout, UnitTimeout, RequestTimeout time.Duration
	// Pace is the most that is sent in a minute. A Client learns by itself
	// where a service bears less.
	Pace Pace
	// RetryShare is how much of the requests of the last ten minutes may be sent
	// again because of the service's faults; 0 is a tenth. Ten,
	// or three for each connection, always may.
	RetryShare float64
	// FailuresToOpen is how many requests in a row are given up before
	// nothing more is sent; 0 is 5.
	FailuresToOpen int
	Observer       Observer
}

// Pace bounds what is sent in a minute, spread evenly; 0 is no bound.
type Pace struct {
	RequestsPerMinute int
	SizePerMinute     int // in units of Traits.Size
}

// An Observer is told what a Client does, for logs and progress. Its functions
// may be nil, may be called at the same time, and hold the request up while they run.
type Observer struct {
	// Sent: a request goes out, for the attempt-th time, counted from 1.
	Sent func(texts, size, attempt int)
	// Retried: attempt failed with err, and the next one follows after wait.
	Retried func(attempt int, wait time.Duration, err error)
	// Paused: nothing is sent until then, because of a rate limit.
	Paused func(until time.Time, err error)
	// GaveUp: a request of so many texts is not sent again, for that reason.
	GaveUp func(texts int, err error)
	// Adapted: so many connections are used from now on, and what a minute of
	// the service was found to bear is so much; 0 is not known.
	Adapted func(connections int, pace Pace)
	// Model: answers bear another signature than was asked for. It is called
	// once for each such signature.
	Model func(asked, answered translator.Signature)
	// Split: a request of so many texts was refused, with err, and is halved.
	Split func(texts int, err error)
	// Stopped: nothing more is sent at all. It is called once at most.
	Stopped func(reason error)
}

const (
	// maxTexts bounds a request where the backend does not, so that no crash
	// loses more than that.
	maxTexts = 1024
	// refusalsToOpen is how many texts in a row, each alone, may be refused.
	// Beyond it, it is the setting that is wrong, and not the texts; without
	// it, halving would send two requests for every text of a night.
	refusalsToOpen = 32
)

// settled returns o with every default filled in.
func (o *Options) settled(t translator.Traits) Options {
	var s Options
	if o != nil {
		s = *o
	}
	s.Connections = first(s.Connections, t.Connections, 1)
	s.Linger = max(first(s.Linger, 50*time.Millisecond), 0)
	s.Attempts = first(s.Attempts, 5)
	s.Patience = first(s.Patience, 15*time.Minute)
	s.BaseTimeout = first(s.BaseTimeout, time.Minute)
	s.UnitTimeout = first(s.UnitTimeout, 20*time.Millisecond)
	s.RequestTimeout = first(s.RequestTimeout, 10*time.Minute)
	s.RetryShare = first(s.RetryShare, 0.1)
	s.FailuresToOpen = first(s.FailuresToOpen, 5)
	s.Observer = s.Observer.complete()
	return s
}

// deadline returns how long a request of a size may take.
func (o *Options) deadline(size int) time.Duration {
	unit := max(o.UnitTimeout, 0)
	if left := o.RequestTimeout - o.BaseTimeout; left <= 0 || unit > 0 && size > int(left/unit) {
		return o.RequestTimeout
	}
	return o.BaseTimeout + time.Duration(size)*unit
}

// first returns the first value that is not zero.
func first[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

// complete returns w with a function in every field.
func (w Observer) complete() Observer {
	if w.Sent == nil {
		w.Sent = func(int, int, int) {}
	}
	if w.Retried == nil {
		w.Retried = func(int, time.Duration, error) {}
	}
	if w.Paused == nil {
		w.Paused = func(time.Time, error) {}
	}
	if w.GaveUp == nil {
		w.GaveUp = func(int, error) {}
	}
	if w.Adapted == nil {
		w.Adapted = func(int, Pace) {}
	}
	if w.Model == nil {
		w.Model = func(_, _ translator.Signature) {}
	}
	if w.Split == nil {
		w.Split = func(int, error) {}
	}
	if w.Stopped == nil {
		w.Stopped = func(error) {}
	}
	return w
}
