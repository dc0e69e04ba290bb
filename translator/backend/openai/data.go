package openai

import (
	"strings"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// data is the user message.
type data struct {
	Glossary []term  `json:"glossary,omitempty"`
	Stories  []story `json:"stories"`
}

type term struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

type story struct {
	Headline string `json:"headline,omitempty"`
	Items    []item `json:"items"`
}

type item struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// data writes a request's texts down, with what helps to translate them.
func (b *Backend) data(req translator.Request, ids []string) ([]byte, error) {
	if !b.opts.Context {
		req.Contexts = nil
	}
	around := b.around(req)
	d := data{Glossary: b.terms(req)}
	for i, text := range req.Texts {
		if i == 0 || around[i].Story != around[i-1].Story {
			d.Stories = append(d.Stories, story{Headline: around[i].Headline})
		}
		last := &d.Stories[len(d.Stories)-1]
		last.Items = append(last.Items, item{ids[i], text, around[i].Before, around[i].After})
	}
	return jsonhttp.Encode(d)
}

// around returns a context for each text, without what the request says
// anyway: a headline once for a story, no neighbour that is an item beside it,
// and no more than maxContext in all.
func (b *Backend) around(req translator.Request) []translator.Context {
	around := make([]translator.Context, len(req.Texts))
	copy(around, req.Contexts)
	left := maxContext
	take := func(s string) string {
		if n := b.model.tokens(s) + perContext; s != "" && n <= left {
			left -= n
			return s
		}
		return ""
	}
	for i := range req.Contexts {
		c := &around[i]
		first := i == 0 || req.Contexts[i-1].Story != c.Story
		last := i+1 == len(req.Texts) || req.Contexts[i+1].Story != c.Story
		c.Headline = ""
		if h := headline(req.Contexts[i:]); first && h != req.Texts[i] {
			c.Headline = take(h)
		}
		if !first && c.Before == req.Texts[i-1] {
			c.Before = ""
		}
		if !last && c.After == req.Texts[i+1] {
			c.After = ""
		}
		c.Before, c.After = take(c.Before), take(c.After)
	}
	return around
}

// headline returns that of the first context's story. The headline's own
// context has none, and the next one's has.
func headline(contexts []translator.Context) string {
	for _, c := range contexts {
		if c.Story != contexts[0].Story {
			break
		}
		if c.Headline != "" {
			return c.Headline
		}
	}
	return ""
}

// terms returns the glossary's terms that stand in the texts, as far as there
// is room, in the glossary's order. The whole glossary in the system message
// would be read at the cached price and still cost more: a request has few terms.
func (b *Backend) terms(req translator.Request) []term {
	g := b.opts.Glossary
	if g == nil || g.Direction != req.Direction {
		return nil
	}
	found := b.opts.Terms
	if found == nil {
		found = func(texts []string) []translator.Term { return contained(g.Terms, texts) }
	}
	var terms []term
	left := maxTerms
	for _, t := range found(req.Texts) {
		if left -= b.model.tokens(t.Source) + b.model.tokens(t.Target) + perTerm; left < 0 {
			break
		}
		terms = append(terms, term{t.Source, t.Target})
	}
	return terms
}

// contained finds terms as they are written.
func contained(terms []translator.Term, texts []string) []translator.Term {
	var found []translator.Term
	all := strings.Join(texts, "\n")
	for _, t := range terms {
		if strings.Contains(all, t.Source) {
			found = append(found, t)
		}
	}
	return found
}
