package main

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"dragoman/translator"
)

// A store that is away for long, and one that does not answer in time, are
// told once each, and once each that they are back.
func TestAnOutageIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lines := logged(t, "info", func(log *zap.Logger) {
			var lost, slow atomic.Bool
			o := &outage{log: log, ask: func(ctx context.Context) error {
				if slow.Load() {
					<-ctx.Done()
					return ctx.Err()
				}
				if lost.Load() {
					return translator.NewError("store", translator.Unavailable, errors.New("connection refused"))
				}
				return nil
			}}
			ctx, end := context.WithCancel(t.Context())
			go o.watch(ctx)
			for _, fault := range []*atomic.Bool{&lost, &slow} {
				time.Sleep(time.Minute)
				if o.away(ctx) {
					t.Error("it is away before it is")
				}
				fault.Store(true)
				if !o.away(ctx) {
					t.Error("it is not away at once")
				}
				time.Sleep(time.Minute)
				fault.Store(false)
			}
			time.Sleep(time.Minute)
			end()
			if o.look(ctx); o.away(ctx) {
				t.Error("the end of the process is taken for an outage")
			}
			synctest.Wait()
		})
		if len(lines) != 4 || lines[0]["error"] != "store: unavailable: connection refused" || lines[2]["error"] != "store: unavailable: no answer within 3s" {
			t.Fatalf("told are %v", lines)
		}
		for i, line := range lines {
			if want := []string{"warn", "info"}[i%2]; line["level"] != want {
				t.Errorf("line %d is %v, want %s", i, line, want)
			}
		}
	})
}
