// Package memory decides when a stored translation is used again, and sees that
// every answer that was paid for is stored.
//
// A run is put together as Memory.Recall over the chain of Memory.Links, each a
// backend's client, whose Backend is wrapped in Keep.
package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dragoman/translator"
)

// finishTime is how long work goes on that must not be cut short by Ctrl-C:
// saving an answer that is paid for, and reading back what was saved.
const finishTime = 30 * time.Second

// Recall returns a Func that answers from the store what it can, and asks next
// for the rest, each distinct text once. Of several stored translations of a
// text it takes the human one, else the seed, else of those by the chain's
// engines the translator.Best. A text of which none is trusted is asked for as
// long as an engine of the chain has not answered it; those that have are not
// asked again (see Link).
//
// A text that a concurrent call of the same Func has in hand is not asked for
// again: this call waits, and gets the same Result, Repeated, also if it is an error.
// Where the store is a translator.Claims, a text that another process has in
// hand is waited for too, and then recalled, or sent if that process gave up.
// The Origin of a text that was sent is the one that next's backend saved
// with it, so that files show exactly what memory holds.
func (m *Memory) Recall(next translator.Func) translator.Func {
	return (&recaller{m, next}).translate
}

type recaller struct {
	*Memory
	next translator.Func
}

// A question is a distinct text of one call.
type question struct {
	key   translator.Key
	text  string
	place int // of its first meeting in the call's request

	flight *flight // once this call has it in hand
}

func (r *recaller) translate(ctx context.Context, req translator.Request) ([]translator.Result, error) {
	texts := req.Texts
	keys := make([]translator.Key, len(texts))
	answers := make(map[translator.Key]translator.Result, len(texts))
	var open []question
	seen := make(map[translator.Key]bool, len(texts))
	for i, text := range texts {
		keys[i] = translator.KeyOf(req.Direction, text)
		if !seen[keys[i]] {
			seen[keys[i]] = true
			open = append(open, question{key: keys[i], text: text, place: i})
		}
	}
	for len(open) > 0 {
		var err error
		if open, err = r.round(ctx, req, open, answers); err != nil {
			return nil, err
		}
	}
	results := make([]translator.Result, len(texts))
	for i, key := range keys {
		results[i] = answers[key]
		results[i].Repeated = results[i].Repeated || !seen[key]
		delete(seen, key)
	}
	return results, nil
}

// round claims what nobody has in hand, answers it, lets it go, and only then
// waits for what others have. So no two calls wait for each other: who waits
// has let go of everything, but for what is on its way, which waits for nobody. It returns what is still open because the call that
// had it was stopped.
func (r *recaller) round(ctx context.Context, req translator.Request, open []question,
	answers map[translator.Key]translator.Result) ([]question, error) {
	own, others := r.flights.claim(open)
	if err := r.answer(ctx, req, own, answers); err != nil {
		return nil, err
	}
	var abandoned []question
	for _, o := range others {
		result, err := o.flight.wait(ctx)
		if err == errAbandoned {
			abandoned = append(abandoned, o.question)
			continue
		}
		if err != nil {
			return nil, err
		}
		result.Repeated = true
		answers[o.question.key] = result
	}
	return abandoned, nil
}

// answer answers what this call has claimed, from the store and then by next,
// and lets all of it go, whatever happens. The claim comes before the lookup:
// what another call saved before it let go is found here and not sent again.
func (r *recaller) answer(ctx context.Context, req translator.Request, own []question,
	answers map[translator.Key]translator.Result) (err error) {
	if len(own) == 0 {
		return nil
	}
	defer func() { // also when next panics
		cause := err
		err = r.landed(cause, func() { r.flights.abandon(own, cause) })
	}()
	missing, err := r.recall(ctx, own, answers)
	if err != nil {
		return err
	}
	if r.claims == nil {
		return r.sendAll(ctx, req, missing, answers)
	}
	return r.share(ctx, req, missing, answers)
}

// landed lets go of what a call had in hand: at once, or when the last of it
// that is on its way has landed. Before that, nobody would find its answers in
// the store, and whoever has the same text would pay for it again.
func (m *Memory) landed(err error, letGo func()) error {
	call, ok := errors.AsType[*translator.Underway](err)
	if !ok {
		letGo()
		return err
	}
	gone := make(chan struct{})
	m.landing.Go(func() {
		defer close(gone)
		<-call.Landed
		letGo()
	})
	return &translator.Underway{Err: call.Err, Landed: gone}
}

// sendAll sends what is missing and lets it go.
func (r *recaller) sendAll(ctx context.Context, req translator.Request, missing []question,
	answers map[translator.Key]translator.Result) error {
	if err := r.send(ctx, req, missing, answers); err != nil {
		return err
	}
	r.flights.land(missing, answers)
	return nil
}

// recall answers from the store, lets those questions go, and returns the rest.
func (r *recaller) recall(ctx context.Context, own []question,
	answers map[translator.Key]translator.Result) (missing []question, err error) {
	found, err := r.store.Lookup(ctx, keysOf(own))
	if err != nil {
		return nil, err
	}
	var known []question
	for _, q := range own {
		result, ok := r.pick(q.key, found[q.key], q.text)
		if !ok {
			missing = append(missing, q)
			continue
		}
		answers[q.key] = result
		known = append(known, q)
	}
	if r.claims != nil {
		r.forget(known) // what an earlier look found was doubted
	}
	r.flights.land(known, answers)
	return missing, nil
}

// send asks next for the texts that are missing.
func (r *recaller) send(ctx context.Context, req translator.Request, missing []question,
	answers map[translator.Key]translator.Result) error {
	if len(missing) == 0 {
		return nil
	}
	defer r.forget(missing)
	places := make([]int, len(missing))
	for i, q := range missing {
		places[i] = q.place
	}
	results, err := r.next(ctx, req.Pick(places))
	if err != nil {
		return err
	}
	if len(results) != len(missing) {
		return wrongCount(len(results), len(missing))
	}
	for i, q := range missing {
		answers[q.key] = results[i]
	}
	return r.readBack(ctx, missing, answers)
}

func wrongCount(results, texts int) error {
	return translator.NewError("memory", translator.Corrupt, fmt.Errorf("%d results for %d texts", results, texts))
}

// readBack gives the answers to texts that were sent the origins that were saved with them.
func (r *recaller) readBack(ctx context.Context, sent []question, answers map[translator.Key]translator.Result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
	defer cancel()
	answered := slices.DeleteFunc(slices.Clone(sent), func(q question) bool { return answers[q.key].Err != nil })
	if len(answered) == 0 {
		return nil
	}
	saved, err := r.store.Lookup(ctx, keysOf(answered))
	if err != nil {
		return err
	}
	for _, q := range answered {
		result := answers[q.key]
		for _, e := range saved[q.key] {
			if e.Origin.Signature == result.Origin.Signature && e.Source == q.text && e.Target == result.Text {
				result.Origin = e.Origin
			}
		}
		answers[q.key] = result
	}
	return nil
}

func keysOf(questions []question) []translator.Key {
	keys := make([]translator.Key, len(questions))
	for i, q := range questions {
		keys[i] = q.key
	}
	return keys
}
