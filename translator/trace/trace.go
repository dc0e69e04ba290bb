// Package trace sends spans of what a process does to a collector of
// OpenTelemetry's protocol over HTTP: a job, its pages, what they find in memory,
// and the requests that they cause. They hold numbers, names of stories and kinds
// of error, and never a text.
//
// All methods of a nil *Tracer return what they are given, so that tracing costs
// nothing where it is off.
package trace

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	otel "go.opentelemetry.io/otel/trace"

	"dragoman/translator"
)

// Options adjust a Tracer. Endpoint is needed; the zero value of each other
// field is its default.
type Options struct {
	// Endpoint is the collector's URL, as http://127.0.0.1:4318; where it has no
	// path, it is asked at /v1/traces. Headers that the collector wants are
	// taken from OTEL_EXPORTER_OTLP_HEADERS.
	Endpoint string
	// Ratio is the part of all jobs that is traced; default 1, which is all.
	Ratio float64
	// Version is the program's, and Instance tells this process from others.
	Version, Instance string
	// Every is how often spans are sent; default 5 s.
	Every time.Duration
	// Problem is told when the collector did not take what it was sent. Those
	// spans are lost, and nothing else is.
	Problem func(error)
}

// A Tracer makes spans. It is safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   otel.Tracer
	pages    pages
}

// sendTime bounds one try to send spans, and longestValue what one attribute holds, in bytes.
const (
	sendTime     = 10 * time.Second
	longestValue = 256
)

// New returns a Tracer. It does not ask the collector anything yet.
func New(ctx context.Context, opts *Options) (*Tracer, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	endpoint, err := tracesURL(o.Endpoint)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint), otlptracehttp.WithTimeout(sendTime))
	if err != nil {
		return nil, translator.NewError("traces", translator.Invalid, err)
	}
	limits := sdk.NewSpanLimits()
	limits.AttributeValueLengthLimit = longestValue
	provider := sdk.NewTracerProvider(
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "dragoman"), attribute.String("service.version", o.Version),
			attribute.String("service.instance.id", o.Instance),
		)),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(cmp.Or(o.Ratio, 1)))),
		sdk.WithRawSpanLimits(limits),
		sdk.WithBatcher(reporting{exporter, o.Problem}, sdk.WithBatchTimeout(cmp.Or(o.Every, 5*time.Second)), sdk.WithExportTimeout(sendTime)),
	)
	return &Tracer{provider: provider, tracer: provider.Tracer("dragoman"), pages: newPages()}, nil
}

func tracesURL(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		bad := translator.NewError("traces", translator.Invalid, err)
		bad.Hint = "set traces.endpoint to a URL, as http://127.0.0.1:4318"
		return "", bad
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// Close sends what is left, until ctx ends.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// reporting tells of what cannot be sent, which the SDK would tell the
// process's one and only handler.
type reporting struct {
	sdk.SpanExporter
	problem func(error)
}

func (r reporting) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := r.SpanExporter.ExportSpans(ctx, spans)
	if err != nil && r.problem != nil {
		r.problem(err)
	}
	return nil
}

// most bounds what is listed in one span: names of stories, and links.
const most = 16

// Job begins the span of a turn at some stories; end ends it.
func (t *Tracer) Job(ctx context.Context, dir translator.Direction, stories []string) (inside context.Context, end func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, "job", otel.WithAttributes(
		attribute.String("dragoman.direction", dir.String()), attribute.Int("dragoman.stories", len(stories)),
		attribute.StringSlice("dragoman.story", stories[:min(len(stories), most)]),
	))
	return ctx, func(err error) { finish(span, err) }
}

// finish ends a span with the kind of an error, whose words could hold a text.
func finish(span otel.Span, err error) {
	if err != nil {
		kind := translator.KindOf(err).Error()
		span.SetAttributes(attribute.String("error.type", kind))
		span.SetStatus(codes.Error, kind)
	}
	span.End()
}
