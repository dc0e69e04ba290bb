// Package backendtest is the one suite that every driver passes. A driver's
// test is a Harness and one call of Run, over a real server or process on
// this machine:
//
//	backendtest.Run(t, backendtest.Harness{New: newBackend, Faults: ...})
//
// The steps themselves are backend.Steps, which `dragoman check` runs against
// a user's own account.
package backendtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
)

// A Harness is a driver with a service that behaves.
type Harness struct {
	// New returns a Backend over a fresh service. It cleans up through t.
	New func(t *testing.T) translator.Backend
	// Direction is ar-en if zero.
	Direction translator.Direction
	// Texts are at least three different texts that New's Backend translates;
	// nil is backend.Samples.
	Texts []string
	// Secrets are credentials that New and Faults hand to the driver. None of
	// them may be seen in the traits or in an error.
	Secrets []string
	Faults  Faults
}

// A Fault returns a Backend over a fresh service that misbehaves at the first
// `times` requests and is well from then on. It cleans up through t.
type Fault func(t *testing.T, times int) translator.Backend

// Faults are the ways in which a service can misbehave. One that a service
// does not have is nil and is not tried. The comments say what the driver must
// make of it; but for Hang, the request after the last fault must be answered.
type Faults struct {
	Throttled   Fault // too fast, by the minute: Throttled
	Exhausted   Fault // a quota of hours or days is spent: Exhausted
	Denied      Fault // bad credentials or no permission: Denied
	Invalid     Fault // the request is refused as malformed: Invalid
	TooLarge    Fault // the request is refused for its size: TooLarge or Invalid
	Unsupported Fault // not this direction: Unsupported
	Unavailable Fault // out of order before the request was read: Unavailable
	Broken      Fault // the connection ends after the request was read: Unavailable with MaybePaid
	Garbage     Fault // the reply cannot be read: Corrupt or Unavailable, of the request or of one text
	Short       Fault // one translation too few: Corrupt, of the request or of every text without an answer
	Long        Fault // one translation too many: Corrupt, of the request
	Empty       Fault // the first text's translation is empty: Corrupt, of that text
	Hang        Fault // no answer, ever: a cancelled request returns at once
}

// CloseAfter closes a Backend when the test ends, which must go well.
func CloseAfter(t *testing.T, b translator.Backend) {
	t.Cleanup(func() {
		if err := translator.Close(b); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	if h.Direction == (translator.Direction{}) {
		h.Direction = translator.Direction{From: translator.Arabic, To: translator.English}
	}
	if h.Texts == nil {
		h.Texts = backend.Samples()
	}
	t.Run("Steps", h.steps)
	t.Run("SignatureIsStable", h.signature)
	for _, f := range h.faults() {
		t.Run(f.name, func(t *testing.T) {
			if f.make == nil {
				t.Skip("the harness has no such fault")
			}
			h.fault(t, f)
		})
	}
	t.Run("Hang", h.hang)
}

func (h Harness) steps(t *testing.T) {
	b := h.New(t)
	for _, s := range backend.Steps(b, h.Direction, h.Texts, true) {
		t.Run(s.Name, func(t *testing.T) {
			if s.Skip != "" {
				t.Skip(s.Skip)
			}
			if err := s.Run(t.Context()); err != nil {
				h.noSecret(t, err.Error())
				t.Fatal(err)
			}
		})
	}
}

// signature compares two backends of the same settings: what the first one
// has saved, the second must find.
func (h Harness) signature(t *testing.T) {
	a, b := h.New(t).Traits(), h.New(t).Traits()
	if a.Signature != b.Signature || a.Name != b.Name {
		t.Errorf("the same settings give %s %q and %s %q", a.Name, a.Signature, b.Name, b.Signature)
	}
	h.noSecret(t, a.Name+" "+string(a.Signature))
}

func (h Harness) noSecret(t *testing.T, shown string) {
	t.Helper()
	for _, secret := range h.Secrets {
		if strings.Contains(shown, secret) {
			t.Error("a credential is shown")
		}
	}
}

// expectation is what a driver must make of a fault.
type expectation struct {
	name      string
	make      Fault
	kinds     []translator.Kind // any of them
	maybePaid bool              // must be said
	oneText   bool              // may be of the first text instead of the request
}

func (h Harness) faults() []expectation {
	one := func(k ...translator.Kind) []translator.Kind { return k }
	f := h.Faults
	return []expectation{
		{name: "Throttled", make: f.Throttled, kinds: one(translator.Throttled)},
		{name: "Exhausted", make: f.Exhausted, kinds: one(translator.Exhausted)},
		{name: "Denied", make: f.Denied, kinds: one(translator.Denied)},
		{name: "Invalid", make: f.Invalid, kinds: one(translator.Invalid)},
		{name: "TooLarge", make: f.TooLarge, kinds: one(translator.TooLarge, translator.Invalid)},
		{name: "Unsupported", make: f.Unsupported, kinds: one(translator.Unsupported)},
		{name: "Unavailable", make: f.Unavailable, kinds: one(translator.Unavailable)},
		{name: "Broken", make: f.Broken, kinds: one(translator.Unavailable), maybePaid: true},
		{name: "Garbage", make: f.Garbage, kinds: one(translator.Corrupt, translator.Unavailable), oneText: true},
		{name: "Short", make: f.Short, kinds: one(translator.Corrupt), oneText: true},
		{name: "Long", make: f.Long, kinds: one(translator.Corrupt)},
		{name: "Empty", make: f.Empty, kinds: one(translator.Corrupt), oneText: true},
	}
}

// fault asks a service that misbehaves once, and then again.
func (h Harness) fault(t *testing.T, want expectation) {
	b := backend.Check(want.make(t, 1))
	req := translator.Request{Direction: h.Direction, Texts: slices.Clone(h.Texts)}
	resp, err := b.Translate(t.Context(), req)
	if err == nil && want.oneText {
		err = firstError(resp)
	}
	if err == nil {
		t.Fatalf("the request was answered: %+v", resp)
	}
	if !slices.Contains(want.kinds, translator.KindOf(err)) {
		t.Errorf("kind %q of %v, want one of %v", translator.KindOf(err), err, want.kinds)
	}
	if e, ok := errors.AsType[*translator.Error](err); want.maybePaid && (!ok || !e.MaybePaid) {
		t.Errorf("%v does not say that it may be paid", err)
	}
	h.noSecret(t, err.Error())
	again, err := b.Translate(t.Context(), req)
	if err == nil {
		err = firstError(again)
	}
	if err != nil {
		t.Errorf("after the fault: %v", err)
	}
}

func (h Harness) hang(t *testing.T) {
	if h.Faults.Hang == nil {
		t.Skip("the harness has no such fault")
	}
	b := h.Faults.Hang(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := b.Translate(ctx, translator.Request{Direction: h.Direction, Texts: slices.Clone(h.Texts)})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want context.DeadlineExceeded as it is", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it returned after %v", took)
	}
}

func firstError(resp translator.Response) error {
	for _, tr := range resp.Translations {
		if tr.Err != nil {
			return tr.Err
		}
	}
	return nil
}
