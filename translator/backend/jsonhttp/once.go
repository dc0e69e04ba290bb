package jsonhttp

import (
	"context"
	"errors"

	"dragoman/translator"
)

// A Once is something that a driver learns from its service before its first
// request and keeps: a list of languages, a glossary's id. Make one with
// NewOnce. It is safe for concurrent use.
type Once[T any] struct {
	turn  chan struct{} // a lock that a caller can give up waiting for
	known bool
	value T
	err   error
}

// NewOnce returns a Once that knows nothing.
func NewOnce[T any]() *Once[T] { return &Once[T]{turn: make(chan struct{}, 1)} }

// Get returns what ask returned for the first caller; those who come meanwhile
// wait for it. What ask failed with is not kept, and the next caller asks again,
// but for an Unsupported error: that the service does not have it is an answer.
func (o *Once[T]) Get(ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	var none T
	select {
	case o.turn <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	defer func() { <-o.turn }()
	if !o.known {
		value, err := ask(ctx)
		if err != nil && !errors.Is(err, translator.Unsupported) {
			return none, err
		}
		o.value, o.err, o.known = value, err, true
	}
	return o.value, o.err
}
