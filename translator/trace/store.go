package trace

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	otel "go.opentelemetry.io/otel/trace"

	"dragoman/translator"
)

// Store makes a span of each look into a store and of each answer that is
// kept. What it returns is a translator.Claims if s is one.
func (t *Tracer) Store(s translator.Store) translator.Store {
	if t == nil {
		return s
	}
	own := &store{s, t}
	if claims, ok := s.(translator.Claims); ok {
		return &shared{own, claims}
	}
	return own
}

type store struct {
	inner  translator.Store
	tracer *Tracer
}

// shared is a store that several processes share.
type shared struct {
	*store
	translator.Claims
}

func (s *store) Lookup(ctx context.Context, keys []translator.Key) (map[translator.Key][]translator.Entry, error) {
	ctx, span := s.tracer.tracer.Start(ctx, "lookup", otel.WithAttributes(attribute.Int("dragoman.keys", len(keys))))
	found, err := s.inner.Lookup(ctx, keys)
	span.SetAttributes(attribute.Int("dragoman.found", len(found)))
	finish(span, err)
	return found, err
}

func (s *store) Save(ctx context.Context, entries []translator.Entry) error {
	ctx, span := s.tracer.tracer.Start(ctx, "save", otel.WithAttributes(attribute.Int("dragoman.entries", len(entries))))
	err := s.inner.Save(ctx, entries)
	finish(span, err)
	return err
}
