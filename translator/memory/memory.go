package memory

import (
	"context"
	"slices"
	"sync"

	"dragoman/translator"
)

// A Memory answers from a store for one chain of engines. It is safe for
// concurrent use once the chain is built.
type Memory struct {
	store   translator.Store
	doubt   func(flags []string) translator.Doubt
	links   []*link
	flights *flights
	claims  *claims        // nil where the store is this process's own
	landing sync.WaitGroup // calls whose callers are gone and whose texts are on their way

	mu sync.Mutex
	// doubted holds what is remembered of texts that are asked for all the same,
	// because no engine's answer so far is trusted and one was not asked.
	doubted map[translator.Key][]translator.Entry
}

// A link is one engine of the chain.
type link struct {
	signature translator.Signature
	others    []translator.Signature // under which it was seen to answer, guarded by Memory.mu
}

// New returns a Memory over a store. The function says what the flags of a
// remembered translation call for; nil trusts them all. If the store is also a
// translator.Claims, several processes share it: see Share.
func New(store translator.Store, doubt func(flags []string) translator.Doubt) *Memory {
	if doubt == nil {
		doubt = func([]string) translator.Doubt { return translator.Trusted }
	}
	return &Memory{
		store: store, doubt: doubt, flights: newFlights(), claims: claimsOf(store),
		doubted: map[translator.Key][]translator.Entry{},
	}
}

// Link adds an engine to the end of the chain, before anything is translated.
// The Func it returns answers what Recall passes on although that engine's
// answer is remembered, and asks next for the rest.
func (m *Memory) Link(signature translator.Signature, next translator.Func) translator.Func {
	l := &link{signature: signature}
	m.links = append(m.links, l)
	return func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		results, open := m.remembered(l, req)
		if len(open) == 0 {
			return results, nil
		}
		answers, err := next(ctx, req.Pick(open))
		if err != nil {
			return nil, err
		}
		if len(answers) != len(open) {
			return nil, wrongCount(len(answers), len(open))
		}
		for k, i := range open {
			results[i] = answers[k]
			m.learn(l, answers[k].Origin.Signature)
		}
		return results, nil
	}
}

// remembered answers the texts of which the engine's answer is remembered and
// doubted, and returns the places of the others.
func (m *Memory) remembered(l *link, req translator.Request) (results []translator.Result, open []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	results = make([]translator.Result, len(req.Texts))
	for i, text := range req.Texts {
		e, ok := translator.Entry{}, false
		if len(m.doubted) > 0 {
			e, ok = l.pick(m.doubted[translator.KeyOf(req.Direction, text)], text)
		}
		if !ok {
			open = append(open, i)
			continue
		}
		results[i] = recalled(e, translator.MoveOn)
	}
	return results, open
}

// Wait returns when nothing is in hand any more that calls left on its way to
// an engine. It is for the end, after the engines' clients and before the store.
func (m *Memory) Wait() { m.landing.Wait() }

// learn notes a signature that the engine answers under: another model may have
// answered than was asked. In this run, what it says counts as the engine's.
func (m *Memory) learn(l *link, signature translator.Signature) {
	if signature == "" || signature == l.signature {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(l.others, signature) {
		l.others = append(l.others, signature)
	}
}

// pick returns the engine's entry for a text.
func (l *link) pick(entries []translator.Entry, text string) (translator.Entry, bool) {
	if e, ok := under(l.signature, entries, text); ok {
		return e, true
	}
	for _, signature := range l.others {
		if e, ok := under(signature, entries, text); ok {
			return e, true
		}
	}
	return translator.Entry{}, false
}

// under returns the entry of a signature. One whose source is another text,
// which only a hash collision or a damaged store can bring, is none.
func under(signature translator.Signature, entries []translator.Entry, text string) (translator.Entry, bool) {
	for _, e := range entries {
		if e.Origin.Signature == signature && e.Source == text && e.Target != "" {
			return e, true
		}
	}
	return translator.Entry{}, false
}

// pick returns what is remembered of a text, and whether it is to be used. What
// is not, but is there, is noted in doubted.
func (m *Memory) pick(key translator.Key, entries []translator.Entry, text string) (translator.Result, bool) {
	if len(entries) == 0 {
		return translator.Result{}, false
	}
	if e, ok := m.plain(entries, text); ok {
		return recalled(e, translator.Trusted), true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var has []translator.Entry
	var answers []translator.Answer
	for _, l := range m.links {
		if e, ok := l.pick(entries, text); ok {
			has = append(has, e)
			answers = append(answers, translator.Answer{Flags: e.Flags, Doubt: m.doubt(e.Flags)})
		}
	}
	best := translator.Best(answers)
	if best < 0 {
		return translator.Result{}, false
	}
	if answers[best].Doubt != translator.Trusted && len(has) < len(m.links) {
		m.doubted[key] = entries
		return translator.Result{}, false
	}
	r := recalled(has[best], answers[best].Doubt)
	if best > 0 {
		r.Flags = translator.AddFlags(r.Flags, translator.FlagMovedOn)
	}
	return r, true
}

// plain returns the entry that needs no weighing: the human one, the seed, or
// the first engine's if it is trusted.
func (m *Memory) plain(entries []translator.Entry, text string) (translator.Entry, bool) {
	for _, signature := range []translator.Signature{translator.HumanSignature, translator.SeedSignature} {
		if e, ok := under(signature, entries, text); ok {
			return e, true
		}
	}
	if len(m.links) == 0 {
		return translator.Entry{}, false
	}
	e, ok := under(m.links[0].signature, entries, text)
	return e, ok && m.doubt(e.Flags) == translator.Trusted
}

func recalled(e translator.Entry, doubt translator.Doubt) translator.Result {
	return translator.Result{Text: e.Target, Origin: e.Origin, Flags: e.Flags, Doubt: doubt, Recalled: true}
}

// forget drops what was noted of questions that have been asked.
func (m *Memory) forget(questions []question) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, q := range questions {
		delete(m.doubted, q.key)
	}
}
