package backend

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"dragoman/translator"
)

// warped passes requests and answers through a fault of a driver's making.
type warped struct {
	service
	traitsOf  func() translator.Traits
	translate func(ctx context.Context, req translator.Request) (translator.Response, error)
}

func (w *warped) Traits() translator.Traits {
	if w.traitsOf != nil {
		return w.traitsOf()
	}
	return w.service.Traits()
}

func (w *warped) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if w.translate != nil {
		return w.translate(ctx, req)
	}
	return w.service.Translate(ctx, req)
}

// failed runs the steps and returns the names of those that did not pass.
func failed(t *testing.T, b translator.Backend, full bool) []string {
	t.Helper()
	var names []string
	for _, s := range Steps(b, arEn, nil, full) {
		if s.Skip == "" && s.Run(t.Context()) != nil {
			names = append(names, s.Name)
		}
	}
	return names
}

func TestStepsPassAGoodBackend(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 50, MaxSize: 1000, Connections: 4, Price: 20}}
	if names := failed(t, s, true); names != nil {
		t.Errorf("failed: %v", names)
	}
	if len(s.broken) > 0 {
		t.Errorf("limits were passed: %v", s.broken)
	}
}

// A text that is larger than a request may be goes alone.
func TestStepsAllowATextLargerThanARequest(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 50, MaxSize: 200, MaxTextSize: 1000}}
	if names := failed(t, s, false); names != nil {
		t.Errorf("failed: %v", names)
	}
}

// Where prompts and answers are billed the steps say the most it can come to.
func TestStepsOfABackendThatBillsItsAnswers(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{Price: 2, TargetPrice: 8, Yield: translator.Yield{Least: 0.5, Most: 2}, Overhead: 100}}
	for _, step := range Steps(s, arEn, nil, false) {
		if _, most := s.traits.Cost(step.Requests, step.Size); step.Cost != most {
			t.Errorf("%s costs %s, want %s", step.Name, step.Cost, most)
		}
	}
}

func TestStepsSayWhatTheyCost(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{false, true} {
		s := &service{traits: translator.Traits{MaxTexts: 50, MaxSize: 1000, Connections: 4, Price: 20}}
		steps := Steps(s, arEn, nil, full)
		if s.count() != 0 {
			t.Fatal("listing the steps sent something")
		}
		for _, step := range steps {
			s.requests = nil
			if step.Skip == "" {
				if err := step.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			size := 0
			for _, r := range s.requests {
				for _, text := range r {
					size += s.traits.SizeOf(text)
				}
			}
			if len(s.requests) > step.Requests || size > step.Size || step.Cost != translator.Price(20).Of(step.Size) {
				t.Errorf("%s sent %d requests of %d, and said %d of %d for %s", step.Name, len(s.requests), size, step.Requests, step.Size, step.Cost)
			}
		}
		if last := steps[len(steps)-1]; full == (last.Skip != "") || full != (last.Cost > 0) {
			t.Errorf("full %v: %+v", full, last)
		}
	}
}

func TestStepsFindFaults(t *testing.T) {
	t.Parallel()
	answers := func(change func(in []string, out []translator.Translation)) func(context.Context, translator.Request) (translator.Response, error) {
		return func(ctx context.Context, req translator.Request) (translator.Response, error) {
			resp, err := (&service{}).Translate(ctx, req)
			if err == nil {
				change(req.Texts, resp.Translations)
			}
			return resp, err
		}
	}
	var calls atomic.Int64
	for name, c := range map[string]struct {
		b    *warped
		step string
	}{
		"no signature":         {&warped{traitsOf: func() translator.Traits { return translator.Traits{Name: "x"} }}, "traits"},
		"space in a signature": {&warped{service: service{traits: translator.Traits{Signature: "a b"}}}, "traits"},
		"changing signature": {&warped{traitsOf: func() translator.Traits {
			return translator.Traits{Name: "x", Signature: translator.Signature(strings.Repeat("x", int(calls.Add(1))))}
		}}, "traits"},
		"an answer that is paid for without a bound": {&warped{service: service{traits: translator.Traits{TargetPrice: 8}}}, "traits"},
		"negative limit": {&warped{service: service{traits: translator.Traits{MaxTexts: -1}}}, "traits"},
		"sizes of zero":  {&warped{service: service{traits: translator.Traits{Size: func(string) int { return 0 }}}}, "traits"},
		"sorted answers": {&warped{translate: answers(func(_ []string, out []translator.Translation) {
			slices.SortFunc(out, func(a, b translator.Translation) int { return strings.Compare(a.Text, b.Text) })
		})}, "in order"},
		"echo of the first": {&warped{translate: answers(func(_ []string, out []translator.Translation) {
			for i := range out {
				out[i].Text = out[0].Text
			}
		})}, "in order"},
		"entities": {&warped{translate: answers(func(_ []string, out []translator.Translation) {
			for i := range out {
				out[i].Text = strings.ReplaceAll(out[i].Text, `"`, "&quot;")
			}
		})}, "characters"},
		"Latin-1": {&warped{translate: answers(func(_ []string, out []translator.Translation) {
			for i := range out {
				out[i].Text += "Ù…Ø±Ø\u00ad"
			}
		})}, "characters"},
		"deaf to cancelling": {&warped{translate: func(_ context.Context, req translator.Request) (translator.Response, error) {
			return (&service{}).Translate(context.Background(), req)
		}}, "cancelled"},
		"doubles merged": {&warped{translate: answers(func(in []string, out []translator.Translation) {
			if len(in) > 1 && in[0] == in[len(in)-1] {
				out[len(out)-1].Text = ""
			}
		})}, "twice"},
		"full request refused": {&warped{service: service{traits: translator.Traits{MaxTexts: 60}}, translate: func(ctx context.Context, req translator.Request) (translator.Response, error) {
			if len(req.Texts) > 50 {
				return translator.Response{}, kind(translator.TooLarge)
			}
			return (&service{}).Translate(ctx, req)
		}}, "most texts"},
	} {
		if names := failed(t, c.b, true); !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, c.step) }) {
			t.Errorf("%s: the failed steps are %q", name, names)
		}
	}
}

// A shared buffer shows only under load.
func TestStepsFindMixedUpRequests(t *testing.T) {
	t.Parallel()
	var busy atomic.Int64
	b := &warped{service: service{traits: translator.Traits{Connections: 4}, latency: 20e6}}
	b.translate = func(ctx context.Context, req translator.Request) (translator.Response, error) {
		crowded := busy.Add(1) > 1
		defer busy.Add(-1)
		resp, err := b.service.Translate(ctx, req)
		if crowded && err == nil {
			slices.Reverse(resp.Translations)
		}
		return resp, err
	}
	if names := failed(t, b, true); !slices.Equal(names, []string{"requests at the same time"}) {
		t.Errorf("failed: %q", names)
	}
}
