package memory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dragoman/translator"
)

// ErrStore says that answers could not be saved. To go on would mean to pay
// for more of them and lose those too: whoever finds it with errors.Is ends
// the run. It comes wrapped in an *Error of kind Other, which nobody retries,
// with MaybePaid set, because the request was carried out.
var ErrStore = errors.New("answers could not be saved")

// Keep returns a Backend that saves every answer of b before it returns it,
// under its Signature, with its flags and the time of the answer. The answer to
// a text that is asked Again takes the place of the first one, unless it has
// more faults. Saving goes on when ctx
// is cancelled: what was paid for is kept. It closes b if b is an io.Closer.
//
// A ledger's meter belongs around it and not within: a line that is settled
// then means answers that are saved.
func Keep(store translator.Store, b translator.Backend) translator.Backend {
	return &keeper{Backend: b, store: store}
}

type keeper struct {
	translator.Backend
	store translator.Store
}

// Translate asks the backend and saves what it answers.
func (k *keeper) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	resp, err := k.Backend.Translate(ctx, req)
	if err != nil {
		return resp, err
	}
	if len(resp.Translations) != len(req.Texts) {
		return resp, nil // package backend refuses it; which answer is whose cannot be known
	}
	entries := k.entries(req, resp)
	if req.Again {
		if entries, err = k.better(ctx, entries); err != nil {
			return translator.Response{}, err
		}
	}
	if err := k.save(ctx, entries); err != nil {
		return translator.Response{}, err
	}
	return resp, nil
}

// better puts the first answers back where the second ones have more faults.
func (k *keeper) better(ctx context.Context, second []translator.Entry) ([]translator.Entry, error) {
	keys := make([]translator.Key, len(second))
	for i, e := range second {
		keys[i] = e.Key
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
	defer cancel()
	saved, err := k.store.Lookup(ctx, keys)
	if err != nil {
		return nil, storeError(err)
	}
	for i, e := range second {
		for _, first := range saved[e.Key] {
			if first.Origin.Signature == e.Origin.Signature && first.Source == e.Source && translator.Faults(first.Flags) < translator.Faults(e.Flags) {
				second[i] = first
				second[i].Flags = translator.AddFlags(first.Flags, translator.FlagAskedAgain)
			}
		}
	}
	return second, nil
}

func (k *keeper) entries(req translator.Request, resp translator.Response) []translator.Entry {
	traits := k.Traits()
	origin := translator.Origin{Kind: traits.Origin, Signature: traits.Signature, Time: time.Now().UTC().Truncate(time.Second)}
	if resp.Signature != "" {
		origin.Signature = resp.Signature
	}
	if origin.Kind == "" {
		origin.Kind = translator.Machine
	}
	var entries []translator.Entry
	for i, t := range resp.Translations {
		if t.Err != nil || t.Text == "" {
			continue
		}
		entries = append(entries, translator.Entry{
			Key: translator.KeyOf(req.Direction, req.Texts[i]), Direction: req.Direction,
			Source: req.Texts[i], Target: t.Text, Origin: origin, Flags: t.Flags,
		})
	}
	return entries
}

func (k *keeper) save(ctx context.Context, entries []translator.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
	defer cancel()
	err := k.store.Save(ctx, entries)
	if err == nil {
		return nil
	}
	return storeError(err)
}

func storeError(err error) error {
	return &translator.Error{
		Op: "memory", Kind: translator.Other, Hint: translator.HintOf(err), MaybePaid: true,
		Err: fmt.Errorf("%w: %w", ErrStore, err),
	}
}

// Close closes the backend if it is an io.Closer.
func (k *keeper) Close() error { return translator.Close(k.Backend) }
