// Package googletest is a stand-in for Google's Cloud Translation v3 on a
// loopback port: a real gRPC server of the published protobuf
// (google.cloud.translation.v3.TranslationService: TranslateText, and
// AdaptiveMtTranslate with GetAdaptiveMtDataset) that keeps Google's limits, answers with a token made from each text, fails as it
// is told to, and counts what a customer would have paid for.
//
// It imports no testing package, so that a benchmark or a throw-away binary
// can run one as a process of its own.
package googletest

import (
	"context"
	"fmt"
	"maps"
	"net"
	"sync"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// Google's limits for one TranslateText request: the protobuf's comments on
// contents, and cloud.google.com/translate/quotas.
const (
	MaxTexts = 1024
	MaxSize  = 30_000 // Unicode code points over all contents
)

// Options says how the stand-in behaves. The zero value is a server without
// quotas and faults that answers at once.
type Options struct {
	Addr      string              // where to listen; "127.0.0.1:0" if empty
	Latency   time.Duration       // how long every accepted request takes
	Translate func(string) string // Token if nil; it may be called concurrently
	MaxTexts  int                 // MaxTexts if 0
	MaxSize   int                 // MaxSize if 0

	CharsPerMinute int           // code points; 0 is no quota
	CharsPerDay    int           // code points; 0 is no quota
	Minute         time.Duration // length of the first quota's window; a minute if 0

	// Datasets are the Adaptive MT data sets that there are, by their ids; nil
	// is "wire", Arabic to English.
	Datasets map[string]Dataset
	// AdaptivePerSecond is how many AdaptiveMtTranslate requests a second are
	// borne; 0 is no quota. Google's is 1 a project (docs.cloud.google.com/
	// translate/docs/advanced/adaptive-translation).
	AdaptivePerSecond int

	// Fault returns what goes wrong with request n, counted from 1, or nil.
	// It may be called concurrently. See Script. An AdaptiveMtTranslate request
	// comes as what it would be with TranslateText.
	Fault func(n int, req *translatepb.TranslateTextRequest) *Fault
}

// A Server is a running stand-in. Its counters are safe for concurrent use.
type Server struct {
	translatepb.UnimplementedTranslationServiceServer
	opts     Options
	listener *listener
	grpc     *grpc.Server
	served   chan struct{}

	mu          sync.Mutex
	minute, day window
	second      window // of AdaptiveMtTranslate, in requests
	counts      counts
}

// counts is what a Server has seen so far.
type counts struct {
	requests, texts, chars int
	now, most              int // requests being handled
	paid                   map[string]int
	metadata               metadata.MD
	last                   *translatepb.TranslateTextRequest
	lastAdaptive           *translatepb.AdaptiveMtTranslateRequest
	back                   int // code points given back
	lookups                int // GetAdaptiveMtDataset
}

// Start listens and serves until Stop.
func Start(opts *Options) (*Server, error) {
	s := &Server{opts: withDefaults(opts), served: make(chan struct{})}
	lis, err := net.Listen("tcp", s.opts.Addr)
	if err != nil {
		return nil, fmt.Errorf("googletest: %w", err)
	}
	s.listener = &listener{Listener: lis, conns: map[string]net.Conn{}}
	s.minute = window{limit: s.opts.CharsPerMinute, length: s.opts.Minute}
	s.day = window{limit: s.opts.CharsPerDay, length: 24 * time.Hour}
	s.second = window{limit: s.opts.AdaptivePerSecond, length: time.Second}
	s.counts.paid = map[string]int{}
	s.grpc = grpc.NewServer(grpc.WaitForHandlers(true))
	translatepb.RegisterTranslationServiceServer(s.grpc, s)
	go func() {
		defer close(s.served)
		_ = s.grpc.Serve(s.listener) // it ends when Stop is called
	}()
	return s, nil
}

func withDefaults(opts *Options) Options {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Translate == nil {
		o.Translate = Token
	}
	if o.MaxTexts == 0 {
		o.MaxTexts = MaxTexts
	}
	if o.MaxSize == 0 {
		o.MaxSize = MaxSize
	}
	if o.Datasets == nil {
		o.Datasets = map[string]Dataset{"wire": {From: "ar", To: "en"}}
	}
	if o.Minute == 0 {
		o.Minute = time.Minute
	}
	if o.Fault == nil {
		o.Fault = Script()
	}
	return o
}

// Addr returns host:port, to be given to a client as its endpoint.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Stop ends the requests being handled and the server, and waits for both.
func (s *Server) Stop() {
	s.grpc.Stop()
	<-s.served
}

// Requests returns how many requests have come, refused ones among them.
func (s *Server) Requests() int { return read(s, func(c *counts) int { return c.requests }) }

// Texts returns how many texts have been paid for.
func (s *Server) Texts() int { return read(s, func(c *counts) int { return c.texts }) }

// Chars returns how many code points have been paid for.
func (s *Server) Chars() int { return read(s, func(c *counts) int { return c.chars }) }

// CharsBack returns how many code points have been given back in answers, of
// which each is paid for where the model is a language model.
func (s *Server) CharsBack() int { return read(s, func(c *counts) int { return c.back }) }

// Lookups returns how often a data set has been asked for.
func (s *Server) Lookups() int { return read(s, func(c *counts) int { return c.lookups }) }

// MaxConcurrent returns the largest number of requests handled at once.
func (s *Server) MaxConcurrent() int { return read(s, func(c *counts) int { return c.most }) }

// Paid returns how many times each text has been paid for.
func (s *Server) Paid() map[string]int {
	return read(s, func(c *counts) map[string]int { return maps.Clone(c.paid) })
}

// Metadata returns the gRPC metadata of the last request.
func (s *Server) Metadata() metadata.MD {
	return read(s, func(c *counts) metadata.MD { return c.metadata.Copy() })
}

// LastRequest returns a copy of the last request, or nil before the first.
func (s *Server) LastRequest() *translatepb.TranslateTextRequest {
	return read(s, func(c *counts) *translatepb.TranslateTextRequest { return proto.CloneOf(c.last) })
}

// LastAdaptive returns a copy of the last AdaptiveMtTranslate request, or nil.
func (s *Server) LastAdaptive() *translatepb.AdaptiveMtTranslateRequest {
	return read(s, func(c *counts) *translatepb.AdaptiveMtTranslateRequest { return proto.CloneOf(c.lastAdaptive) })
}

func read[T any](s *Server, get func(*counts) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return get(&s.counts)
}

// enter counts a request that has come, and returns its number from 1.
func (s *Server) enter(ctx context.Context, req *translatepb.TranslateTextRequest) int {
	md, _ := metadata.FromIncomingContext(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.counts
	c.requests++
	c.now++
	c.most = max(c.most, c.now)
	c.metadata, c.last = md, req
	return c.requests
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.now--
}
