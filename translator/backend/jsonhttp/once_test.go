package jsonhttp_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

func TestOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		errs []error // of the first calls
		asks int     // for three callers
		last error
	}{
		"well":              {nil, 1, nil},
		"out of order once": {[]error{translator.Unavailable}, 2, nil},
		"not there":         {[]error{translator.Unsupported}, 1, translator.Unsupported},
	} {
		once, asks := jsonhttp.NewOnce[int](), 0
		var last error
		for range 3 {
			var n int
			n, last = once.Get(t.Context(), func(context.Context) (int, error) {
				asks++
				if asks <= len(c.errs) {
					return 0, translator.NewError("desk", translator.KindOf(c.errs[asks-1]), nil)
				}
				return 7, nil
			})
			if last == nil && n != 7 {
				t.Errorf("%s: %d", name, n)
			}
		}
		if asks != c.asks || !errors.Is(last, c.last) {
			t.Errorf("%s: asked %d times, %v; want %d, %v", name, asks, last, c.asks, c.last)
		}
	}
}

// Who waits for another's question can give up.
func TestOnceWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		once, answered := jsonhttp.NewOnce[int](), make(chan struct{})
		go func() {
			_, _ = once.Get(t.Context(), func(context.Context) (int, error) { <-answered; return 1, nil })
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := once.Get(ctx, func(context.Context) (int, error) { return 2, nil })
			gone <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; err != context.Canceled {
			t.Errorf("%v, want context.Canceled as it is", err)
		}
		close(answered)
		if n, err := once.Get(t.Context(), nil); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	})
}
