// Package pseudo is a stand-in for an engine: it costs nothing, needs no
// network and no account, and marks every answer as its own. It is for dry
// runs and for tests, where an answer that strays from its text must show.
package pseudo

import (
	"context"
	"time"

	"dragoman/translator"
)

// Options of a Backend. The zero value of each field is its default.
type Options struct {
	Latency time.Duration // of every request, as a service would take
}

// A Backend answers every text, in every direction, with the text itself
// behind a mark: "[pseudo en] " and the text. So the answer says what it is,
// and what it is the answer to.
type Backend struct{ latency time.Duration }

// New returns a Backend.
func New(opts *Options) *Backend {
	if opts == nil {
		opts = &Options{}
	}
	return &Backend{latency: opts.Latency}
}

// Traits says that it is free and bears eight requests at once.
func (b *Backend) Traits() translator.Traits {
	return translator.Traits{
		Name: "pseudo", Signature: "pseudo:1", Origin: translator.Pseudo, MaxTexts: 1024, Connections: 8,
	}
}

// Translate marks the texts.
func (b *Backend) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if err := ctx.Err(); err != nil {
		return translator.Response{}, err
	}
	select {
	case <-time.After(b.latency):
	case <-ctx.Done():
		return translator.Response{}, ctx.Err()
	}
	answers := make([]translator.Translation, len(req.Texts))
	for i, text := range req.Texts {
		answers[i].Text = "[pseudo " + string(req.Direction.To) + "] " + text
	}
	return translator.Response{Translations: answers}, nil
}
