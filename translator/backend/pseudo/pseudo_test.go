package pseudo

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/backendtest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	backendtest.Run(t, backendtest.Harness{
		New: func(*testing.T) translator.Backend { return New(nil) },
		Faults: backendtest.Faults{
			Hang: func(*testing.T, int) translator.Backend { return New(&Options{Latency: time.Hour}) },
		},
	})
	backendtest.Run(t, backendtest.Harness{
		New:       func(*testing.T) translator.Backend { return New(nil) },
		Direction: translator.Direction{From: translator.English, To: translator.Arabic},
		Texts:     []string{"One bus.", "Two boats.", "Three trains."},
	})
}

func TestEveryAnswerIsMarked(t *testing.T) {
	t.Parallel()
	c := backend.New(New(nil), nil)
	defer c.Close()
	results, err := c.Translate(t.Context(), translator.Request{Direction: translator.Direction{From: "ar", To: "en"}, Texts: []string{"نص أول", "نص ثان"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"[pseudo en] نص أول", "[pseudo en] نص ثان"} {
		r := results[i]
		if r.Text != want || r.Origin.Kind != translator.Pseudo || r.Origin.Signature != "pseudo:1" {
			t.Errorf("result %d is %+v, want %q from pseudo", i, r, want)
		}
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(&Options{Latency: 200 * time.Millisecond})
		start := time.Now()
		if _, err := b.Translate(t.Context(), translator.Request{Texts: []string{"x"}}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 200*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := b.Translate(ctx, translator.Request{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancelled: %v", err)
		}
	})
}
