package backend

import (
	"context"
	"errors"
	"slices"
	"strings"

	"dragoman/translator"
)

// A Link is one backend of a chain.
type Link struct {
	Name string // as in the configuration
	Func translator.Func
}

// Fallback returns a Func that asks each link in turn for the texts that the
// ones before could not translate, or whose translations call for it
// (translator.MoveOn). An error that is the user's own doing, as a
// spent budget or an interruption, does not move on to the next link. The
// error of a text that none of them translated names every link's reason. Of
// several doubted translations of one text the best is taken
// (translator.Best); one that is not the first engine's bears FlagMovedOn.
func Fallback(links ...Link) translator.Func {
	return func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		n := len(req.Texts)
		f := fall{results: make([]translator.Result, n), reasons: make([][]error, n), doubted: map[int][]translator.Result{}}
		open := make([]int, n) // the texts without an answer
		for i := range open {
			open[i] = i
		}
		for _, link := range links {
			if len(open) == 0 {
				break
			}
			var err error
			if open, err = f.ask(ctx, link, req, open); err != nil {
				return nil, err
			}
		}
		f.explain(links)
		f.settle()
		return f.results, nil
	}
}

// fall is one call of a chain.
type fall struct {
	results []translator.Result
	reasons [][]error                   // per text, one per link that was asked and failed
	doubted map[int][]translator.Result // by text, in the order of the links
}

// ask asks one link for the open texts and returns those that move on.
func (f fall) ask(ctx context.Context, link Link, req translator.Request, open []int) ([]int, error) {
	results, err := link.Func(ctx, req.Pick(open))
	if err != nil {
		return nil, err
	}
	var moved []int
	for k, i := range open {
		f.results[i] = results[k]
		switch err := results[k].Err; {
		case err != nil:
			f.reasons[i] = append(f.reasons[i], named(link.Name, err))
			if movesOn(err) {
				moved = append(moved, i)
			}
		case results[k].Doubt == translator.MoveOn:
			f.doubted[i] = append(f.doubted[i], results[k])
			moved = append(moved, i)
		}
	}
	return moved, nil
}

// explain gives every text that has no answer the reasons of all links.
func (f fall) explain(links []Link) {
	for i := range f.results {
		switch {
		case f.results[i].Err != nil && len(f.reasons[i]) > 1:
			f.results[i] = translator.Result{Err: &chainError{f.reasons[i]}}
		case len(links) == 0:
			f.results[i].Err = translator.NewError("chain", translator.Unsupported, errors.New("no backend is configured"))
		}
	}
}

// settle chooses between the doubted translations of a text and what the last
// link made of it. A doubted translation is better than none.
func (f fall) settle() {
	for i, answers := range f.doubted {
		if last := f.results[i]; last.Err == nil && last.Doubt != translator.MoveOn {
			answers = append(answers, last)
		}
		of := make([]translator.Answer, len(answers))
		for k, a := range answers {
			of[k] = translator.Answer{Flags: a.Flags, Doubt: a.Doubt}
		}
		best := translator.Best(of)
		f.results[i] = answers[best]
		if best > 0 {
			f.results[i].Flags = translator.AddFlags(answers[best].Flags, translator.FlagMovedOn)
		}
	}
}

// movesOn tells whether the next backend is asked after this error.
func movesOn(err error) bool {
	switch translator.KindOf(err) {
	case translator.OverBudget, translator.Interrupted, translator.Other:
		return false
	}
	return true
}

// named puts the link's name before an error that does not begin with it.
func named(name string, err error) error {
	if strings.HasPrefix(err.Error(), name+":") {
		return err
	}
	return &linkError{name, err}
}

type linkError struct {
	name string
	err  error
}

func (e *linkError) Error() string { return e.name + ": " + e.err.Error() }
func (e *linkError) Unwrap() error { return e.err }

// A chainError is a text's errors, one per link, in the chain's order.
type chainError struct{ reasons []error }

// Error names them all.
func (e *chainError) Error() string {
	said := make([]string, len(e.reasons))
	for i, err := range e.reasons {
		said[i] = err.Error()
	}
	return strings.Join(said, "; ")
}

// Unwrap returns them with the one in front that decides the kind: the last
// that leaves the text for a later run, or else the last of all.
func (e *chainError) Unwrap() []error {
	k := len(e.reasons) - 1
	for i, err := range e.reasons {
		last := e.reasons[len(e.reasons)-1]
		if translator.KindOf(err).Holds() && !translator.KindOf(last).Holds() {
			k = i
		}
	}
	return slices.Concat(e.reasons[k:k+1], e.reasons[:k], e.reasons[k+1:])
}
