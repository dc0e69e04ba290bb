package pipeline

import (
	"unicode/utf8"

	"dragoman/translator"
)

// Totals is what a run counted.
type Totals struct {
	Stories   translator.StoryCounts
	Sentences int
	// Distinct sentences, and what became of them. A sentence that was sent in
	// this run and met again counts as sent.
	Distinct     int
	Recalled     int // remembered from before the run
	Sent         int // sent to a backend, whatever it answered
	Untranslated int // without a translation: refused, or not known to the backend
	Held         int // left for a later run
	HeldSize     int // size of those, in the unit of Options.Size
	// Cut says that Options.Stop ended the reading before the sequence's end.
	Cut bool
}

// A Counter counts stories that were translated, in bounded memory: of the
// stories that a Run emits it has the Run's own Totals, but for Cut. It must be closed.
type Counter struct {
	dir    translator.Direction
	size   func(string) int
	tally  tally
	counts Totals
}

// NewCounter returns a counter of stories in a direction. Size is as in
// Options; nil is its default.
func NewCounter(dir translator.Direction, size func(string) int) *Counter {
	if size == nil {
		size = utf8.RuneCountInString
	}
	return &Counter{dir: dir, size: size}
}

// Add counts a story. An error is of the disk.
func (c *Counter) Add(s translator.Story) error {
	texts := make([]string, len(s.Sentences))
	for i, sentence := range s.Sentences {
		texts[i] = translator.Transport(c.dir.From, sentence.Pair.Source.Text)
	}
	return c.add(s, texts)
}

// add counts a story whose sentences in transport form are texts.
func (c *Counter) add(s translator.Story, texts []string) error {
	c.counts.Stories.Add(s.Status)
	c.counts.Sentences += len(s.Sentences)
	for i, text := range texts {
		if err := c.tally.add(translator.KeyOf(c.dir, text), c.size(text), fateOf(s.Sentences[i])); err != nil {
			return err
		}
	}
	return nil
}

// fateOf classes a sentence. Kinds that Holds are about the run, and TooLarge is
// told before anything is sent; the others are a backend's answer.
func fateOf(s translator.Sentence) fate {
	kind := translator.KindOf(s.Err)
	switch {
	case s.Err == nil && s.Recalled:
		return recalled
	case s.Err == nil:
		return answered
	case kind.Holds():
		return held
	case kind == translator.TooLarge:
		return refused
	}
	return unanswered
}

// Totals returns what was counted.
func (c *Counter) Totals() (Totals, error) {
	t := c.counts
	err := c.tally.each(func(f fate, size int) {
		t.Distinct++
		switch f {
		case recalled:
			t.Recalled++
		case answered:
			t.Sent++
		case held:
			t.Held++
			t.HeldSize += size
		case refused:
			t.Untranslated++
		case unanswered:
			t.Sent++
			t.Untranslated++
		}
	})
	return t, err
}

// Close removes what the counter has on the disk.
func (c *Counter) Close() error { return c.tally.close() }
