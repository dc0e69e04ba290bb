package backend

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dragoman/translator"
)

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

// A service is a Backend in this process that keeps books of what it is sent,
// enforces its own limits, and fails as its test says.
type service struct {
	traits  translator.Traits
	latency time.Duration
	// fault decides the fate of the n-th request, counted from 1; nil is well.
	fault func(n int, texts []string) error
	// answer overrides the answer to a text on its n-th request.
	answer func(n int, text string) translator.Translation

	mu       sync.Mutex
	requests [][]string
	sent     []time.Time
	busy     int
	most     int
	broken   []string // limits that were passed
}

func token(text string) string { return "<" + text + ">" }

func (s *service) Traits() translator.Traits {
	t := s.traits
	t.Name = first(t.Name, "svc")
	t.Signature = first(t.Signature, "svc:1")
	return t
}

func (s *service) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if err := ctx.Err(); err != nil {
		return translator.Response{}, err
	}
	n := s.arrive(req.Texts)
	defer s.leave()
	select {
	case <-time.After(s.latency):
	case <-ctx.Done():
		return translator.Response{}, ctx.Err()
	}
	if s.fault != nil {
		if err := s.fault(n, req.Texts); err != nil {
			return translator.Response{}, err
		}
	}
	out := make([]translator.Translation, len(req.Texts))
	for i, text := range req.Texts {
		out[i].Text = token(text)
		if s.answer != nil {
			out[i] = s.answer(n, text)
		}
	}
	return translator.Response{Translations: out}, nil
}

func (s *service) arrive(texts []string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, texts)
	s.sent = append(s.sent, time.Now())
	s.busy++
	s.most = max(s.most, s.busy)
	size := 0
	for _, text := range texts {
		size += s.traits.SizeOf(text)
	}
	most := s.traits.MaxSize
	if len(texts) == 1 {
		most = max(most, s.traits.MaxTextSize)
	}
	if s.traits.MaxTexts > 0 && len(texts) > s.traits.MaxTexts || most > 0 && size > most {
		s.broken = append(s.broken, fmt.Sprintf("%d texts of %d", len(texts), size))
	}
	return len(s.requests)
}

func (s *service) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
}

func (s *service) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// gaps returns the seconds between the requests.
func (s *service) gaps() []float64 {
	var gaps []float64
	for i := 1; i < len(s.sent); i++ {
		gaps = append(gaps, s.sent[i].Sub(s.sent[i-1]).Seconds())
	}
	return gaps
}

func kind(k translator.Kind) error { return translator.NewError("svc", k, nil) }

// failing fails the first n requests.
func failing(n int, err error) func(int, []string) error {
	return func(i int, _ []string) error {
		if i <= n {
			return err
		}
		return nil
	}
}

func texts(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("text %03d", i)
	}
	return out
}
