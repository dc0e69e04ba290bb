package deepl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dragoman/translator"
)

// The limits of a glossary (developers.deepl.com, "Glossaries", read in November 2026).
const (
	maxTerm     = 1024     // bytes of one side
	maxGlossary = 10 << 20 // bytes of all
)

// dictionary is a glossary's part for one direction.
type dictionary struct {
	SourceLang string `json:"source_lang"`
	TargetLang string `json:"target_lang"`
	Entries    string `json:"entries,omitempty"`
	Format     string `json:"entries_format,omitempty"`
}

// storedGlossary is a glossary of the account, or one to be made.
type storedGlossary struct {
	ID           string       `json:"glossary_id,omitempty"`
	Name         string       `json:"name"`
	Dictionaries []dictionary `json:"dictionaries"`
}

// glossary returns the id of the glossary for a direction, or "". The first call
// looks in the account for one of our name, and makes it if there is none; nothing
// of it is billed. That DeepL makes no glossary for these languages is an
// Unsupported error, and said before anything is spent.
func (b *Backend) glossary(ctx context.Context, dir translator.Direction) (string, error) {
	if b.opts.GlossaryID != "" {
		return b.opts.GlossaryID, nil
	}
	if g := b.opts.Glossary; g == nil || len(g.Terms) == 0 ||
		g.Direction.From.Base() != dir.From.Base() || g.Direction.To.Base() != dir.To.Base() {
		return "", nil
	}
	return b.glossaryID.Get(ctx, func(ctx context.Context) (string, error) {
		if id, err := b.findGlossary(ctx); err != nil || id != "" {
			return id, err
		}
		return b.makeGlossary(ctx)
	})
}

func (b *Backend) glossaryName() string { return "dragoman-" + b.opts.Glossary.Digest }

func (b *Backend) findGlossary(ctx context.Context) (string, error) {
	var list struct {
		Glossaries []storedGlossary `json:"glossaries"`
	}
	if _, err := b.client.Get(ctx, "/v3/glossaries", &list); err != nil {
		return "", err
	}
	for _, g := range list.Glossaries {
		if g.Name == b.glossaryName() {
			return g.ID, nil
		}
	}
	return "", nil
}

// makeGlossary lets DeepL decide whether it has glossaries for the languages: its
// lists of them differ between its two versions.
func (b *Backend) makeGlossary(ctx context.Context) (string, error) {
	g := b.opts.Glossary
	var made storedGlossary
	_, err := b.client.Post(ctx, "/v3/glossaries", storedGlossary{Name: b.glossaryName(), Dictionaries: []dictionary{{
		SourceLang: strings.ToLower(sourceCode(g.Direction.From)), TargetLang: strings.ToLower(sourceCode(g.Direction.To)),
		Entries: entries(g), Format: "tsv",
	}}}, &made)
	if e, ok := errors.AsType[*translator.Error](err); ok {
		e.MaybePaid = false // it is never billed
		if e.Kind == translator.Invalid || e.Kind == translator.Unsupported {
			e.Kind = translator.Unsupported
			e.Err = fmt.Errorf("no glossary for %s: %w", g.Direction, e.Err)
			e.Hint = "set backends.deepl.glossary to none: the terms are still checked in every answer"
		}
	}
	if err == nil && made.ID == "" {
		err = b.client.Fail(translator.Unavailable, "", "the glossary was made and has no id")
	}
	return made.ID, err
}

func entries(g *translator.Glossary) string {
	var tsv strings.Builder
	for _, term := range g.Terms {
		tsv.WriteString(term.Source + "\t" + term.Target + "\n")
	}
	return tsv.String()
}

// glossaryMistakes lists what DeepL would refuse, five of it at most.
func glossaryMistakes(g *translator.Glossary) []string {
	var wrong []string
	seen := map[string]bool{}
	for _, term := range g.Terms {
		switch both := term.Source + term.Target; {
		case term.Source == "" || term.Target == "" || strings.ContainsAny(both, "\t\r\n"):
			wrong = append(wrong, fmt.Sprintf("glossary term %q has an empty side, a tab or a line's end", term.Source))
		case len(term.Source) > maxTerm || len(term.Target) > maxTerm:
			wrong = append(wrong, fmt.Sprintf("glossary term %.40q is longer than %d bytes", term.Source, maxTerm))
		case seen[term.Source]:
			wrong = append(wrong, fmt.Sprintf("glossary term %q stands twice", term.Source))
		}
		seen[term.Source] = true
	}
	if n := len(entries(g)); n > maxGlossary {
		wrong = append(wrong, fmt.Sprintf("the glossary has %d bytes and DeepL takes %d", n, maxGlossary))
	}
	if len(wrong) > 5 {
		wrong = append(wrong[:5], fmt.Sprintf("and %d more", len(wrong)-5))
	}
	return wrong
}
