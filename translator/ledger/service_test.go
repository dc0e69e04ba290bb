package ledger_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"dragoman/translator"
)

// A service is an engine with books of its own: what it truly charged. Times
// are a bubble's.
type service struct {
	traits translator.Traits
	says   bool    // what it billed
	factor float64 // of what it may charge, that it says and charges; above 1 nobody could expect it
	before func()  // called with each request

	mu     sync.Mutex
	random *rand.Rand
	size   int
	cost   translator.USD
}

func (s *service) Traits() translator.Traits { return s.traits }

// Translate answers after a while, or fails in one of the ways of the retry table.
func (s *service) Translate(_ context.Context, req translator.Request) (translator.Response, error) {
	s.before()
	resp, wait, err := s.serve(req)
	time.Sleep(wait)
	return resp, err
}

func (s *service) serve(req translator.Request) (translator.Response, time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := time.Duration(s.random.IntN(3000)) * time.Millisecond
	resp, sent, back := s.answer(req)
	if err := s.failure(len(req.Texts)); err != nil {
		if err.MaybePaid && s.random.IntN(2) == 0 || err.Kind == translator.Corrupt {
			s.charge(sent, back)
		}
		return translator.Response{}, wait, err
	}
	if s.says {
		sent, back = max(1, int(s.factor*float64(sent))), max(1, int(s.factor*float64(back)))
		resp.Billed, resp.BilledTarget = sent, back
	}
	s.charge(sent, back)
	return resp, wait, nil
}

func (s *service) charge(sent, back int) {
	s.size += sent
	s.cost += s.traits.Price.Of(sent) + s.traits.TargetPrice.Of(back)
}

// answer makes translations whose length keeps to the Yield.
func (s *service) answer(req translator.Request) (resp translator.Response, sent, back int) {
	sent = s.traits.Overhead
	for _, text := range req.Texts {
		yield := s.traits.Yield.Least + s.random.Float64()*(s.traits.Yield.Most-s.traits.Yield.Least)
		n := max(1, int(yield*float64(len(text))))
		sent, back = sent+len(text), back+n
		resp.Translations = append(resp.Translations, translator.Translation{Text: strings.Repeat("x", n)})
	}
	return resp, sent, back
}

func (s *service) failure(texts int) *translator.Error {
	switch s.random.IntN(30) {
	case 0:
		return translator.NewError(s.traits.Name, translator.Throttled, nil)
	case 1:
		return translator.NewError(s.traits.Name, translator.Unavailable, nil)
	case 2:
		return &translator.Error{Op: s.traits.Name, Kind: translator.Unavailable, MaybePaid: true}
	case 3:
		return translator.NewError(s.traits.Name, translator.Corrupt, nil)
	case 4:
		return translator.NewError(s.traits.Name, translator.TooLarge, nil)
	case 5:
		if texts > 1 {
			return translator.NewError(s.traits.Name, translator.Invalid, nil)
		}
	}
	return nil
}
