package quality

import (
	"context"
	"slices"

	"dragoman/translator"
)

// Judge returns b with every translation checked: what the rules find stands
// in Translation.Flags, and the gravest of what they call for in
// Translation.Doubt, beside what b said itself. A translation with an Err is
// left alone. The answers of an engine whose Origin is Seed are flagged but
// never doubted, since a person chose them; those of a Pseudo engine are no
// translations and are not looked at. The answers to a Request.Again bear the
// note translator.FlagAskedAgain.
//
// check returns the Checker of a direction and is called once a request; nil
// is New without options. What Judge returns is an io.Closer that closes b if
// b is one. It belongs around package backend's Check, which refuses what is
// no text at all, and within the memory, which keeps the flags:
//
//	ledger.Meter(memory.Keep(quality.Judge(backend.Check(driver))))
func Judge(b translator.Backend, check func(translator.Direction) *Checker) translator.Backend {
	if check == nil {
		check = func(dir translator.Direction) *Checker { return New(dir, nil) }
	}
	return judge{b, check}
}

type judge struct {
	translator.Backend
	check func(translator.Direction) *Checker
}

func (j judge) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	resp, err := j.Backend.Translate(ctx, req)
	origin := j.Traits().Origin
	if err != nil || origin == translator.Pseudo || len(resp.Translations) != len(req.Texts) {
		return resp, err // a wrong count is for whoever can refuse it
	}
	c := j.check(req.Direction)
	resp.Translations = slices.Clone(resp.Translations)
	for i := range resp.Translations {
		if t := &resp.Translations[i]; t.Err == nil {
			examine(c, req.Texts[i], t, origin != translator.Seed)
			if req.Again {
				t.Flags = translator.AddFlags(t.Flags, translator.FlagAskedAgain)
			}
		}
	}
	return resp, nil
}

// examine adds to a translation what the rules find.
func examine(c *Checker, source string, t *translator.Translation, doubted bool) {
	for _, f := range c.Check(source, t.Text) {
		t.Flags = translator.AddFlags(t.Flags, f.Rule)
		if doubted {
			t.Doubt = max(t.Doubt, f.Doubt)
		}
	}
}

// Close closes the Backend that is judged, if it can be closed.
func (j judge) Close() error { return translator.Close(j.Backend) }
