package google

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc/stats"
)

// sight is what was seen of one request on the wire. It tells a request that
// never left, and so cost nothing, from one whose answer was lost.
type sight struct {
	sent     atomic.Bool // the request was written to a connection
	answered atomic.Bool // the service ended it with a status
}

type sightKey struct{}

// watch returns a context whose one request is watched.
func watch(ctx context.Context) (context.Context, *sight) {
	s := &sight{}
	return context.WithValue(ctx, sightKey{}, s), s
}

// A watcher is the gRPC stats.Handler that fills in sights.
type watcher struct{}

// TagRPC leaves the context as it is.
func (watcher) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC notes that a request left, or that its status came.
func (watcher) HandleRPC(ctx context.Context, event stats.RPCStats) {
	s, ok := ctx.Value(sightKey{}).(*sight)
	if !ok {
		return
	}
	switch event.(type) {
	case *stats.OutPayload:
		s.sent.Store(true)
	case *stats.InTrailer:
		s.answered.Store(true)
	}
}

// TagConn leaves the context as it is.
func (watcher) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn does nothing.
func (watcher) HandleConn(context.Context, stats.ConnStats) {}
