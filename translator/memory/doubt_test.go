package memory_test

import (
	"context"
	"slices"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/memory"
	"dragoman/translator/store/ram"
)

// engineB is the second engine of the chains here.
const engineB translator.Signature = "engineB:1"

// doubtful doubts what is flagged "echo" and trusts all else.
func doubtful(flags []string) translator.Doubt {
	if slices.Contains(flags, "echo") {
		return translator.MoveOn
	}
	return translator.Trusted
}

// flagging is a Backend whose every answer bears its flags.
type flagging struct {
	signature translator.Signature
	flags     []string
	answers   translator.Signature // another signature that it answers under
	asked     []string
}

func (f *flagging) Traits() translator.Traits {
	return translator.Traits{Name: string(f.signature), Signature: f.signature}
}

func (f *flagging) Translate(_ context.Context, req translator.Request) (translator.Response, error) {
	f.asked = append(f.asked, req.Texts...)
	r := translator.Response{Signature: f.answers}
	for _, text := range req.Texts {
		r.Translations = append(r.Translations, translator.Translation{
			Text: string(f.signature) + " " + text, Flags: f.flags, Doubt: doubtful(f.flags),
		})
	}
	return r, nil
}

// chain builds what cmd/dragoman builds, without ledger and client.
func chain(store translator.Store, engines ...*flagging) translator.Func {
	m := memory.New(store, doubtful)
	var links []backend.Link
	for _, e := range engines {
		kept := memory.Keep(store, e)
		links = append(links, backend.Link{Name: string(e.signature), Func: m.Link(e.signature, func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
			resp, err := kept.Translate(ctx, req)
			if err != nil {
				return nil, err
			}
			results := make([]translator.Result, len(req.Texts))
			for i, t := range resp.Translations {
				results[i] = translator.Result{Text: t.Text, Flags: t.Flags, Doubt: t.Doubt, Origin: translator.Origin{Kind: translator.Machine, Signature: e.signature}}
				if resp.Signature != "" {
					results[i].Origin.Signature = resp.Signature
				}
			}
			return results, nil
		})})
	}
	return m.Recall(backend.Fallback(links...))
}

func ask(t *testing.T, f translator.Func, text string) translator.Result {
	t.Helper()
	results, err := f(t.Context(), translator.Request{Direction: arEn, Texts: []string{text}})
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

// A doubted answer is kept with its flags, the next engine is asked, and a
// second run says the same without asking anybody.
func TestADoubtedAnswerMovesOnOnce(t *testing.T) {
	t.Parallel()
	store := ram.New()
	a, b := &flagging{signature: engine, flags: []string{"echo"}}, &flagging{signature: engineB}
	for run := range 2 {
		got := ask(t, chain(store, a, b), "نص")
		if got.Origin.Signature != engineB || !slices.Equal(got.Flags, []string{translator.FlagMovedOn}) || got.Recalled != (run == 1) {
			t.Errorf("run %d: %+v", run, got)
		}
	}
	if len(a.asked) != 1 || len(b.asked) != 1 {
		t.Errorf("the engines were asked %d and %d times, want once each", len(a.asked), len(b.asked))
	}
}

// After a crash between the two engines only the second is asked.
func TestADoubtedAnswerIsNotPaidForAgain(t *testing.T) {
	t.Parallel()
	store := ram.New()
	a := &flagging{signature: engine, flags: []string{"echo"}}
	if got := ask(t, chain(store, a), "نص"); got.Doubt != translator.MoveOn || !slices.Equal(got.Flags, []string{"echo"}) {
		t.Fatalf("alone: %+v", got)
	}
	if got := ask(t, chain(store, a), "نص"); got.Text != "engine:1 نص" || !got.Recalled || !slices.Equal(got.Flags, []string{"echo"}) {
		t.Errorf("alone, again: %+v", got)
	}
	b := &flagging{signature: engineB}
	if got := ask(t, chain(store, a, b), "نص"); got.Origin.Signature != engineB || len(b.asked) != 1 {
		t.Errorf("with a second engine: %+v", got)
	}
	if len(a.asked) != 1 {
		t.Errorf("the first engine was asked %d times", len(a.asked))
	}
}

// Where all are doubted the one with the fewest faults is taken, now and later.
func TestTheBestOfDoubtedAnswers(t *testing.T) {
	t.Parallel()
	store := ram.New()
	a, b := &flagging{signature: engine, flags: []string{"echo", "length"}}, &flagging{signature: engineB, flags: []string{"echo"}}
	for run := range 2 {
		got := ask(t, chain(store, a, b), "نص")
		if got.Origin.Signature != engineB || !slices.Equal(got.Flags, []string{"echo", translator.FlagMovedOn}) {
			t.Errorf("run %d: %+v", run, got)
		}
	}
}

// A flag that calls for nothing goes into memory and comes back.
func TestAFlagThatIsNoDoubtStays(t *testing.T) {
	t.Parallel()
	store := ram.New()
	a, b := &flagging{signature: engine, flags: []string{"quotes"}}, &flagging{signature: engineB}
	for range 2 {
		if got := ask(t, chain(store, a, b), "نص"); got.Origin.Signature != engine || !slices.Equal(got.Flags, []string{"quotes"}) {
			t.Errorf("%+v", got)
		}
	}
	if len(b.asked) != 0 {
		t.Error("the second engine was asked")
	}
}

// Answers of another model than was asked for are kept under their own
// signature. They count in the run that got them, and not in the next one.
func TestAnotherModelsAnswer(t *testing.T) {
	t.Parallel()
	store := ram.New()
	a := &flagging{signature: engine, answers: "engine:2"}
	run := chain(store, a)
	for range 2 {
		if got := ask(t, run, "نص"); got.Origin.Signature != "engine:2" {
			t.Errorf("%+v", got)
		}
	}
	if len(a.asked) != 1 {
		t.Errorf("asked %d times in one run", len(a.asked))
	}
	ask(t, chain(store, a), "نص")
	if len(a.asked) != 2 {
		t.Error("what another model answered counts as the one that is asked for")
	}
}

// The second answer to a text takes the first one's place unless it is worse.
func TestKeepTakesTheBetterOfTwoAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second []string
		want          []string
		text          string
	}{
		"better": {[]string{"echo", "length"}, []string{"asked-again", "echo"}, []string{"asked-again", "echo"}, "second"},
		"equal":  {[]string{"echo"}, []string{"asked-again", "length"}, []string{"asked-again", "length"}, "second"},
		"worse":  {[]string{"echo"}, []string{"asked-again", "echo", "length"}, []string{"asked-again", "echo"}, "first"},
	} {
		store := ram.New()
		say := func(text string, flags []string, again bool) {
			b := &scripted{resp: translator.Response{Translations: []translator.Translation{{Text: text, Flags: flags}}}}
			if _, err := memory.Keep(store, b).Translate(t.Context(), translator.Request{Direction: arEn, Texts: []string{"x"}, Again: again}); err != nil {
				t.Fatal(err)
			}
		}
		say("first", c.first, false)
		say("second", c.second, true)
		found, err := store.Lookup(t.Context(), []translator.Key{translator.KeyOf(arEn, "x")})
		if err != nil {
			t.Fatal(err)
		}
		entries := found[translator.KeyOf(arEn, "x")]
		if len(entries) != 1 || entries[0].Target != c.text || !slices.Equal(entries[0].Flags, c.want) {
			t.Errorf("%s: %+v", name, entries)
		}
	}
}

// The flags of an imported pair stay with it, in a form that a store takes,
// unless a person vouches for the pair; and they go out again with it.
func TestFlagsOfImportedPairs(t *testing.T) {
	t.Parallel()
	pairs := func(yield func(translator.Pair, error) bool) {
		yield(translator.Pair{
			Source: translator.Text{Lang: "ar", Text: "نص"}, Target: translator.Text{Lang: "en", Text: "text"}, Flags: []string{"numbers", " ", "my own"},
		}, nil)
	}
	for kind, want := range map[translator.OriginKind][]string{translator.Seed: {"my-own", "numbers"}, translator.Human: {}} {
		store := ram.New()
		if counts, err := memory.Import(t.Context(), store, pairs, kind, nil); err != nil || counts.Saved != 1 {
			t.Fatalf("%+v, %v", counts, err)
		}
		for p, err := range memory.Export(t.Context(), store, nil) {
			if err != nil || !slices.Equal(p.Flags, want) || p.Flags == nil {
				t.Errorf("%s: flags %q, %v, want %q", kind, p.Flags, err, want)
			}
		}
	}
}
