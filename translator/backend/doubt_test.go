package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"dragoman/translator"
)

// doubting answers texts with flags, first and when asked again.
type doubting struct {
	service
	first, second map[string]translator.Translation
	fault         error // of every request that asks again
	again         [][]string
}

func (d *doubting) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if req.Again {
		d.mu.Lock()
		d.again = append(d.again, req.Texts)
		d.mu.Unlock()
		if d.fault != nil {
			return translator.Response{}, d.fault
		}
	}
	resp, err := d.service.Translate(ctx, req)
	for i, text := range req.Texts {
		from := d.first
		if req.Again {
			from = d.second
		}
		if tr, ok := from[text]; ok && err == nil {
			resp.Translations[i] = tr
		}
	}
	return resp, err
}

func doubtful(text string, doubt translator.Doubt, flags ...string) translator.Translation {
	return translator.Translation{Text: text, Doubt: doubt, Flags: flags}
}

func TestDoubtedAnswerIsAskedAgainOnce(t *testing.T) {
	t.Parallel()
	again := doubtful("first", translator.AskAgain, "echo", "length")
	for name, c := range map[string]struct {
		first, second translator.Translation
		fault         error
		text          string
		flags         []string
		doubt         translator.Doubt
		asked         int
	}{
		"better":             {again, doubtful("second", translator.Trusted, "asked-again"), nil, "second", []string{"asked-again"}, translator.Trusted, 1},
		"still doubted":      {again, doubtful("second", translator.AskAgain, "asked-again", "echo"), nil, "second", []string{"asked-again", "echo"}, translator.MoveOn, 1},
		"no better":          {again, doubtful("second", translator.AskAgain, "asked-again", "echo", "numbers"), nil, "second", []string{"asked-again", "echo", "numbers"}, translator.MoveOn, 1},
		"worse":              {again, doubtful("second", translator.MoveOn, "asked-again", "echo", "length", "numbers"), nil, "first", []string{"asked-again", "echo", "length"}, translator.MoveOn, 1},
		"corrupt":            {again, translator.Translation{}, nil, "first", []string{"echo", "length"}, translator.MoveOn, 1},
		"failed":             {again, translator.Translation{}, kind(translator.Unavailable), "first", []string{"echo", "length"}, translator.MoveOn, 1},
		"throttled":          {again, translator.Translation{}, kind(translator.Throttled), "first", []string{"echo", "length"}, translator.MoveOn, 1},
		"over budget":        {again, translator.Translation{}, kind(translator.OverBudget), "first", []string{"echo", "length"}, translator.MoveOn, 1},
		"denied":             {again, translator.Translation{}, kind(translator.Denied), "first", []string{"echo", "length"}, translator.MoveOn, 1},
		"refused":            {again, translator.Translation{}, kind(translator.Invalid), "first", []string{"echo", "length"}, translator.MoveOn, 1},
		"moves on at once":   {doubtful("first", translator.MoveOn, "echo"), translator.Translation{}, nil, "first", []string{"echo"}, translator.MoveOn, 0},
		"flagged, no doubt":  {doubtful("first", translator.Trusted, "quotes"), translator.Translation{}, nil, "first", []string{"quotes"}, translator.Trusted, 0},
		"flags and no doubt": {translator.Translation{Text: "first"}, translator.Translation{}, nil, "first", nil, translator.Trusted, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &doubting{first: map[string]translator.Translation{"text 001": c.first}, second: map[string]translator.Translation{"text 001": c.second}, fault: c.fault}
			inBubble(t, d, nil, func(t *testing.T, client *Client) {
				in := texts(3)
				results := ask(t, client, in...)
				wantAnswers(t, []string{in[0], in[2]}, []translator.Result{results[0], results[2]}, nil)
				got := results[1]
				if got.Err != nil || got.Text != c.text || !slices.Equal(got.Flags, c.flags) || got.Doubt != c.doubt || got.Origin.Signature != "svc:1" {
					t.Errorf("%+v", got)
				}
				stopped := errors.Is(c.fault, translator.Denied)
				if (client.Stopped() != nil) != stopped {
					t.Errorf("stopped: %v", client.Stopped())
				}
			})
			if len(d.again) != c.asked || c.asked > 0 && !slices.Equal(d.again[0], []string{"text 001"}) {
				t.Errorf("asked again: %q, want the doubted text alone, %d times", d.again, c.asked)
			}
		})
	}
}

// Many doubts in one request are about the engine: nothing of it is asked again.
func TestManyDoubtsOfOneRequestStand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ texts, doubted, again int }{{8, 2, 2}, {8, 3, 0}, {7, 7, 7}, {20, 5, 5}, {20, 20, 0}} {
		d := &doubting{first: map[string]translator.Translation{}}
		for _, text := range texts(c.doubted) {
			d.first[text] = doubtful("first", translator.AskAgain, "echo")
		}
		inBubble(t, d, nil, func(t *testing.T, client *Client) {
			stands := 0
			for _, r := range ask(t, client, texts(c.texts)...) {
				if r.Err != nil {
					t.Errorf("%+v", r)
				}
				if r.Text == "first" && r.Doubt == translator.MoveOn {
					stands++
				}
			}
			if stands != c.doubted-c.again {
				t.Errorf("%d of %d: %d first answers stand, want %d", c.doubted, c.texts, stands, c.doubted-c.again)
			}
		})
		for _, texts := range d.again {
			if len(texts) != 1 {
				t.Errorf("%q were asked again together", texts)
			}
		}
		if len(d.again) != c.again {
			t.Errorf("%d doubted of %d: %d requests, want %d", c.doubted, c.texts, len(d.again), c.again)
		}
	}
}

// An engine that is doubted at every text costs a twentieth more at most, and none
// of its answers is lost.
func TestDoubtsAreBounded(t *testing.T) {
	t.Parallel()
	d := &doubting{first: map[string]translator.Translation{}, second: map[string]translator.Translation{}}
	d.traits = translator.Traits{MaxTexts: 1, Connections: 4}
	d.latency = time.Second
	for _, text := range texts(1000) {
		d.first[text] = doubtful("first "+text, translator.AskAgain, "echo")
		d.second[text] = d.first[text]
	}
	inBubble(t, d, nil, func(t *testing.T, c *Client) {
		for i, r := range ask(t, c, texts(1000)...) {
			if r.Err != nil || r.Text != "first "+texts(1000)[i] || r.Doubt != translator.MoveOn {
				t.Fatalf("%+v", r)
			}
		}
		if c.refusals != 0 {
			t.Errorf("%d refusals", c.refusals)
		}
	})
	if n := len(d.again); n < 20 || n > 50 {
		t.Errorf("%d requests asked again", n)
	}
}

// Row B11 of the fault tables: answers of another model bear its signature, and
// the user learns of it once.
func TestAnotherModelAnswers(t *testing.T) {
	t.Parallel()
	var told []string
	s := &renamed{service: service{traits: translator.Traits{MaxTexts: 1, Connections: 4}, latency: time.Second}}
	opts := &Options{Observer: Observer{Model: func(asked, answered translator.Signature) { told = append(told, fmt.Sprint(asked, " ", answered)) }}}
	inBubble(t, s, opts, func(t *testing.T, c *Client) {
		for i, r := range ask(t, c, texts(50)...) {
			if r.Err != nil || r.Origin.Signature != []translator.Signature{"svc:1", "svc:2"}[i%2] || r.Origin.Kind != translator.Machine {
				t.Errorf("text %d: %+v", i, r)
			}
		}
	})
	if !slices.Equal(told, []string{"svc:1 svc:2"}) {
		t.Errorf("told: %q", told)
	}
}

// renamed is a service that answers every second text with another model.
type renamed struct{ service }

func (r *renamed) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	resp, err := r.service.Translate(ctx, req)
	if last := req.Texts[0][len(req.Texts[0])-1]; last%2 == 1 {
		resp.Signature = "svc:2"
	}
	return resp, err
}

// A rerun has only the sentences left that an engine never answers: they are
// refused one after the other, and that says nothing of the engine. Where more
// wait than were refused, it does.
func TestAFewBadTextsDoNotStopAnEngine(t *testing.T) {
	t.Parallel()
	for bad, stops := range map[int]bool{40: false, 60: false, 400: true} {
		d := &doubting{first: map[string]translator.Translation{}}
		d.traits = translator.Traits{MaxTexts: 50}
		for _, text := range texts(bad) {
			d.first[text] = translator.Translation{} // empty, each time
		}
		inBubble(t, d, nil, func(t *testing.T, c *Client) {
			kinds := map[translator.Kind]int{}
			for _, r := range ask(t, c, texts(bad)...) {
				kinds[translator.KindOf(r.Err)]++
			}
			if stopped := c.Stopped() != nil; stopped != stops || !stops && kinds[translator.Corrupt] != bad {
				t.Errorf("%d bad texts: %v, stopped: %v", bad, kinds, c.Stopped())
			}
		})
	}
}
