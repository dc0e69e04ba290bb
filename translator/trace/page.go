package trace

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	otel "go.opentelemetry.io/otel/trace"

	"dragoman/translator"
)

// Translate makes a span of each page that next, the chain with memory in front, is asked.
func (t *Tracer) Translate(next translator.Func) translator.Func {
	if t == nil {
		return next
	}
	return func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		ctx, span := t.tracer.Start(ctx, "page", otel.WithAttributes(
			attribute.String("dragoman.direction", req.Direction.String()), attribute.Int("dragoman.sentences", len(req.Texts)),
		))
		leave := t.pages.enter(storiesOf(req), span.SpanContext())
		results, err := next(ctx, req)
		leave()
		recalled, unanswered := 0, 0
		for _, r := range results {
			switch {
			case r.Err != nil:
				unanswered++
			case r.Recalled:
				recalled++
			}
		}
		span.SetAttributes(attribute.Int("dragoman.recalled", recalled), attribute.Int("dragoman.unanswered", unanswered))
		finish(span, err)
		return results, err
	}
}

// storiesOf returns the stories that a request's texts are of, in order, each once.
func storiesOf(req translator.Request) []string {
	var stories []string
	seen := map[string]bool{}
	for _, c := range req.Contexts {
		if !seen[c.Story] {
			seen[c.Story] = true
			stories = append(stories, c.Story)
		}
	}
	return stories
}

// pages knows the page in which each story is at the moment: a request packs
// texts of several pages, and nothing but their stories says of which.
type pages struct {
	mu sync.Mutex
	of map[string]otel.SpanContext
}

func newPages() pages { return pages{of: map[string]otel.SpanContext{}} }

func (p *pages) enter(stories []string, page otel.SpanContext) (leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range stories {
		p.of[s] = page
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, s := range stories {
			if p.of[s].Equal(page) { // another page may have the story by now
				delete(p.of, s)
			}
		}
	}
}

// find returns the pages of stories, in their order, each once.
func (p *pages) find(stories []string) []otel.SpanContext {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []otel.SpanContext
	seen := map[otel.SpanID]bool{}
	for _, s := range stories {
		if page, ok := p.of[s]; ok && !seen[page.SpanID()] {
			seen[page.SpanID()] = true
			found = append(found, page)
		}
	}
	return found
}

// Backend makes a span of each request that b is sent. It stands in the page of
// the request's first text, and is linked to those of the others. What Backend
// returns is an io.Closer that closes b if b is one.
func (t *Tracer) Backend(b translator.Backend) translator.Backend {
	if t == nil {
		return b
	}
	return &traced{b, t, b.Traits()}
}

type traced struct {
	translator.Backend
	tracer *Tracer
	traits translator.Traits
}

func (b *traced) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	ctx, span := b.tracer.request(ctx, storiesOf(req), otel.WithAttributes(
		attribute.String("dragoman.backend", b.traits.Name), attribute.String("dragoman.direction", req.Direction.String()),
		attribute.Int("dragoman.texts", len(req.Texts)), attribute.Int("dragoman.size", sizeOf(b.traits, req)),
		attribute.Bool("dragoman.again", req.Again),
	))
	resp, err := b.Backend.Translate(ctx, req)
	finish(span, err)
	return resp, err
}

// Close closes the Backend that is traced, if it can be closed.
func (b *traced) Close() error { return translator.Close(b.Backend) }

func (t *Tracer) request(ctx context.Context, stories []string, attributes otel.SpanStartOption) (context.Context, otel.Span) {
	opts := []otel.SpanStartOption{otel.WithSpanKind(otel.SpanKindClient), attributes}
	found := t.pages.find(stories)
	if len(found) > 0 {
		ctx = otel.ContextWithSpanContext(ctx, found[0])
		for _, page := range found[1:min(len(found), most+1)] {
			opts = append(opts, otel.WithLinks(otel.Link{SpanContext: page}))
		}
	}
	return t.tracer.Start(ctx, "request", opts...)
}

func sizeOf(traits translator.Traits, req translator.Request) int {
	size := 0
	for _, text := range req.Texts {
		size += traits.SizeOf(text)
	}
	return size
}
