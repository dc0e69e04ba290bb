package trace_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"dragoman/translator"
	"dragoman/translator/store/ram"
	"dragoman/translator/trace"
)

var arEn = translator.Direction{From: "ar", To: "en"}

// A receiver is a collector that keeps what it is sent.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	raw   []byte
	spans []*spans.Span
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		var sent collector.ExportTraceServiceRequest
		if err := errors.Join(err, proto.Unmarshal(body, &sent)); err != nil || req.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", req.URL, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.raw = append(r.raw, body...)
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				r.spans = append(r.spans, scope.Spans...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
		answer, _ := proto.Marshal(&collector.ExportTraceServiceResponse{}) // of nothing, which cannot fail
		w.Write(answer)
	}))
	t.Cleanup(r.Close)
	return r
}

// tracer returns a Tracer, and what sends all its spans.
func tracer(t *testing.T, opts *trace.Options) (*trace.Tracer, func()) {
	t.Helper()
	tr, err := trace.New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return tr, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := tr.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}

// named returns the spans of a name in the order in which they began.
func (r *receiver) named(name string) []*spans.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []*spans.Span
	for _, s := range r.spans {
		if s.Name == name {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *spans.Span) int { return int(a.StartTimeUnixNano) - int(b.StartTimeUnixNano) })
	return found
}

// said returns what a span says of something, as text.
func said(s *spans.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return strings.TrimSpace(strings.Join(strings.Fields(a.Value.String()), " "))
		}
	}
	return ""
}

func expect(t *testing.T, s *spans.Span, want map[string]string) {
	t.Helper()
	for key, value := range want {
		if got := said(s, key); got != value {
			t.Errorf("%s of %s is %q, want %q", key, s.Name, got, value)
		}
	}
}

// An engine fails with an error that holds what it was asked.
type engine struct{ closed bool }

func (e *engine) Traits() translator.Traits { return translator.Traits{Name: "desk"} }

func (e *engine) Translate(_ context.Context, req translator.Request) (translator.Response, error) {
	return translator.Response{}, translator.NewError("desk", translator.Throttled, fmt.Errorf("cannot take %q", req.Texts))
}

func (e *engine) Close() error { e.closed = true; return nil }

const text = "نص سري لا يراه أحد"

// TestSpansOfAJob follows two jobs whose sentences share a request.
func TestSpansOfAJob(t *testing.T) {
	t.Parallel()
	r := receive(t)
	tr, flush := tracer(t, &trace.Options{Endpoint: r.URL, Version: "v1", Instance: "desk-1"})
	inner := &engine{}
	backend, store := tr.Backend(inner), tr.Store(ram.New())
	var arrived sync.WaitGroup
	arrived.Add(2)
	sent := make(chan struct{})
	translate := tr.Translate(func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		_, err := store.Lookup(ctx, []translator.Key{{1}, {2}})
		arrived.Done()
		<-sent
		return []translator.Result{{Recalled: true}, {Err: translator.Missing}}, err
	})
	var jobs sync.WaitGroup
	for _, story := range []string{"bread", "ferry"} {
		jobs.Go(func() {
			ctx, end := tr.Job(t.Context(), arEn, []string{story})
			_, err := translate(ctx, translator.Request{Direction: arEn, Texts: []string{text, text}, Contexts: []translator.Context{
				{Story: story, Headline: text}, {Story: story, Before: text},
			}})
			end(err)
		})
	}
	arrived.Wait()
	// As a client does: in a context of its own, with texts of both.
	_, err := backend.Translate(context.Background(), translator.Request{Direction: arEn, Texts: []string{text, text, text}, Contexts: []translator.Context{
		{Story: "ferry"}, {Story: "bread"}, {Story: "bread"},
	}})
	if !errors.Is(err, translator.Throttled) {
		t.Errorf("the backend's error has become %v", err)
	}
	close(sent)
	jobs.Wait()
	flush()

	jobSpans, pageSpans, lookups, requests := r.named("job"), r.named("page"), r.named("lookup"), r.named("request")
	if len(jobSpans) != 2 || len(pageSpans) != 2 || len(lookups) != 2 || len(requests) != 1 {
		t.Fatalf("%d jobs, %d pages, %d lookups, %d requests", len(jobSpans), len(pageSpans), len(lookups), len(requests))
	}
	byStory := map[string]*spans.Span{} // the pages
	for _, page := range pageSpans {
		for _, job := range jobSpans {
			if string(page.ParentSpanId) == string(job.SpanId) {
				byStory[strings.Trim(strings.TrimPrefix(said(job, "dragoman.story"), "array_value:{values:{string_value:"), `"}`)] = page
			}
		}
		expect(t, page, map[string]string{"dragoman.sentences": "int_value:2", "dragoman.recalled": "int_value:1", "dragoman.unanswered": "int_value:1"})
	}
	request := requests[0]
	ferry, bread := byStory["ferry"], byStory["bread"]
	if ferry == nil || bread == nil {
		t.Fatalf("the pages are not within their jobs: %v", jobSpans)
	}
	if string(request.ParentSpanId) != string(ferry.SpanId) || len(request.Links) != 1 || string(request.Links[0].SpanId) != string(bread.SpanId) {
		t.Errorf("the request stands in %x with links %v", request.ParentSpanId, request.Links)
	}
	expect(t, request, map[string]string{
		"dragoman.backend": `string_value:"desk"`, "dragoman.texts": "int_value:3", "dragoman.size": "int_value:54",
		"error.type": `string_value:"rate limited"`,
	})
	if request.Status.GetCode() != spans.Status_STATUS_CODE_ERROR || request.Kind != spans.Span_SPAN_KIND_CLIENT {
		t.Errorf("the request is %v, %v", request.Status, request.Kind)
	}
	for _, word := range strings.Fields(text) {
		if strings.Contains(string(r.raw), word) {
			t.Errorf("%q was sent to the collector", word)
		}
	}
	if err := translator.Close(backend); err != nil || !inner.closed {
		t.Error("the backend inside is not closed", err)
	}
}

func TestStoreStaysWhatItIs(t *testing.T) {
	t.Parallel()
	r := receive(t)
	tr, flush := tracer(t, &trace.Options{Endpoint: r.URL})
	db := ram.New()
	store := tr.Store(db)
	_, wants := translator.Store(db).(translator.Claims)
	if _, has := store.(translator.Claims); has != wants {
		t.Errorf("it claims: %v, and did: %v", has, wants)
	}
	if _, has := tr.Store(claiming{db, nil}).(translator.Claims); !has {
		t.Error("a store that is shared does not claim any more")
	}
	e := translator.Entry{Key: translator.Key{1}, Direction: arEn, Source: text, Target: "t", Origin: translator.Origin{Kind: translator.Human, Signature: "s"}}
	if err := store.Save(t.Context(), []translator.Entry{e}); err != nil {
		t.Fatal(err)
	}
	found, err := store.Lookup(t.Context(), []translator.Key{{1}, {2}})
	if err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
	flush()
	if lookups, saves := r.named("lookup"), r.named("save"); len(lookups) != 1 || len(saves) != 1 {
		t.Errorf("%d lookups, %d saves", len(lookups), len(saves))
	} else {
		expect(t, lookups[0], map[string]string{"dragoman.keys": "int_value:2", "dragoman.found": "int_value:1"})
		expect(t, saves[0], map[string]string{"dragoman.entries": "int_value:1"})
	}
}

// claiming is a store with claims, of which only the type matters here.
type claiming struct {
	translator.Store
	translator.Claims
}

func TestARatioOfJobs(t *testing.T) {
	t.Parallel()
	r := receive(t)
	tr, flush := tracer(t, &trace.Options{Endpoint: r.URL, Ratio: 0.2})
	translate := tr.Translate(func(context.Context, translator.Request) ([]translator.Result, error) { return nil, nil })
	for range 1000 {
		ctx, end := tr.Job(t.Context(), arEn, nil)
		if _, err := translate(ctx, translator.Request{}); err != nil {
			t.Fatal(err)
		}
		end(nil)
	}
	flush()
	jobs, pages := len(r.named("job")), len(r.named("page"))
	if jobs < 100 || jobs > 300 || jobs != pages { // 8 standard deviations
		t.Errorf("of 1000 jobs %d are traced, with %d pages", jobs, pages)
	}
}

func TestOffCostsNothing(t *testing.T) { // alone: allocations are counted
	var off *trace.Tracer
	e, db := &engine{}, ram.New()
	if off.Backend(e) != translator.Backend(e) || off.Store(db) != translator.Store(db) || off.Close(t.Context()) != nil {
		t.Error("something stands in between")
	}
	translate := off.Translate(func(context.Context, translator.Request) ([]translator.Result, error) { return nil, nil })
	ctx := t.Context()
	allocated := testing.AllocsPerRun(100, func() {
		inside, end := off.Job(ctx, arEn, nil)
		if inside != ctx {
			t.Error("another context")
		}
		_, err := translate(inside, translator.Request{})
		end(err)
	})
	if allocated != 0 {
		t.Errorf("%v allocations a job", allocated)
	}
}

// TestACollectorThatIsAway sees that nothing waits for it and that it is told of.
func TestACollectorThatIsAway(t *testing.T) {
	t.Parallel()
	r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadRequest) }))
	defer r.Close()
	var mu sync.Mutex
	var problems []error
	tr, flush := tracer(t, &trace.Options{Endpoint: r.URL, Problem: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		problems = append(problems, err)
	}})
	for range 10_000 {
		_, end := tr.Job(t.Context(), arEn, nil)
		end(nil)
	}
	flush()
	mu.Lock()
	defer mu.Unlock()
	if len(problems) == 0 {
		t.Error("nobody was told")
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "otel:4318", "ftp://otel", "http://", "://"} {
		if _, err := trace.New(t.Context(), &trace.Options{Endpoint: bad}); !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := trace.New(t.Context(), nil); !errors.Is(err, translator.Invalid) {
		t.Errorf("none: %v", err)
	}
}
