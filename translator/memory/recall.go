// Package memory decides when a stored translation is used again, and sees that
// every answer that was paid for is stored.
//
// A run is put together as Recall over the chain of backend clients, each of
// whose Backends is wrapped in Keep.
package memory

import (
	"context"
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
// text it takes the human one, else the seed, else that of the first signature
// that has one.
//
// A text that a concurrent call of the same Func has in hand is not asked for
// again: this call waits, and gets the same Result, also if it is an error.
// The Origin of a text that was sent is the one that next's backend saved
// with it, so that files show exactly what memory holds.
func Recall(store translator.Store, signatures []translator.Signature, next translator.Func) translator.Func {
	r := &recaller{
		store: store, next: next, flights: newFlights(),
		order: append([]translator.Signature{translator.HumanSignature, translator.SeedSignature}, signatures...),
	}
	return r.translate
}

type recaller struct {
	store   translator.Store
	next    translator.Func
	order   []translator.Signature // the first that has an entry is taken
	flights *flights
}

// A question is a distinct text of one call.
type question struct {
	key   translator.Key
	text  string
	place int // of its first meeting in the call's request
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
			open = append(open, question{keys[i], text, i})
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
	}
	return results, nil
}

// round claims what nobody has in hand, answers it, lets it go, and only then
// waits for what others have. So no two calls wait for each other: who waits
// has let go of everything. It returns what is still open because the call that
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
	inHand := own
	defer func() { r.flights.abandon(inHand, err) }() // also when next panics
	missing, err := r.recall(ctx, own, answers)
	if err != nil {
		return err
	}
	inHand = missing
	if err := r.send(ctx, req, missing, answers); err != nil {
		return err
	}
	r.flights.land(missing, answers)
	inHand = nil
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
		e, ok := r.pick(found[q.key], q.text)
		if !ok {
			missing = append(missing, q)
			continue
		}
		answers[q.key] = translator.Result{Text: e.Target, Origin: e.Origin, Recalled: true}
		known = append(known, q)
	}
	r.flights.land(known, answers)
	return missing, nil
}

// pick returns the entry to be used. One whose source is another text, which
// only a hash collision or a damaged store can bring, is none.
func (r *recaller) pick(entries []translator.Entry, text string) (translator.Entry, bool) {
	for _, signature := range r.order {
		for _, e := range entries {
			if e.Origin.Signature == signature && e.Source == text && e.Target != "" {
				return e, true
			}
		}
	}
	return translator.Entry{}, false
}

// send asks next for the texts that are missing.
func (r *recaller) send(ctx context.Context, req translator.Request, missing []question,
	answers map[translator.Key]translator.Result) error {
	if len(missing) == 0 {
		return nil
	}
	places := make([]int, len(missing))
	for i, q := range missing {
		places[i] = q.place
	}
	results, err := r.next(ctx, req.Pick(places))
	if err != nil {
		return err
	}
	if len(results) != len(missing) {
		return translator.NewError("memory", translator.Corrupt, fmt.Errorf("%d results for %d texts", len(results), len(missing)))
	}
	for i, q := range missing {
		answers[q.key] = results[i]
	}
	return r.readBack(ctx, missing, answers)
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
