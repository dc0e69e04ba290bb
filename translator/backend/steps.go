package backend

import (
	"context"
	"fmt"
	"math"

	"dragoman/translator"
)

// A Step is one thing that every driver must do, tried against the backend
// itself. The steps are what `dragoman check` runs on a user's account and
// what package backendtest runs on a driver.
type Step struct {
	Name     string
	Requests int            // the most it sends
	Size     int            // the most it sends, in the backend's unit
	Cost     translator.USD // the most that Requests of Size in all come to
	// Skip says why the step is not run; it is empty for one that is.
	Skip string
	// Run tries it; nil is a pass. It is nil when Skip is set.
	Run func(ctx context.Context) error
}

// Samples returns the Arabic sentences that Steps sends when no texts are
// given, each with a figure of its own by which its answer is known.
func Samples() []string {
	return []string{
		"وصل 17 وزيرا إلى العاصمة صباح اليوم.",
		"أعلنت الوزارة أن 2450 منزلا تضررت من السيول.",
		"يستمر المعرض حتى 28 من الشهر الجاري.",
		"بلغت المسافة 936 كيلومترا بين المدينتين.",
	}
}

// oddText holds what services are known to spoil: quotes and brackets that
// come back as HTML entities, vowel marks, a Latin run, both kinds of digits.
const oddText = `قال المُدرِّب: "فريق R&D <ألف> جاهز"، وارتفع سعر 'iPhone 15' بنسبة ٣٫٥٪.`

// Steps returns what to try on b, in order, and what each step will cost; it
// sends nothing. Texts, of which at least three and all different, are what b
// can translate; nil is some Arabic sentences. The step that fills a whole
// request is skipped unless full.
func Steps(b translator.Backend, dir translator.Direction, texts []string, full bool) []Step {
	if texts == nil {
		texts = Samples()
	}
	x := exam{b: b, traits: b.Traits(), dir: dir, texts: texts}
	n := x.size(texts...)
	return []Step{
		x.step("traits are sane and constant", 0, 0, x.saneTraits),
		x.step("one text alone", 1, x.size(texts[0]), x.alone),
		x.step("several texts, in order", 2, 2*n, x.inOrder),
		x.step("the same text twice in one request", 1, n+x.size(texts[0]), x.twice),
		x.step("characters come back whole", 2, n+x.size(oddText), x.characters),
		x.step("a cancelled request returns at once", 2, 2*x.size(texts[0]), x.cancelled),
		x.step("requests at the same time", 1+x.connections(), (1+x.connections())*n, x.concurrent),
		x.fullStep(full),
	}
}

// exam is one backend under trial.
type exam struct {
	b      translator.Backend
	traits translator.Traits
	dir    translator.Direction
	texts  []string
}

func (x exam) step(name string, requests, size int, run func(context.Context) error) Step {
	_, most := x.traits.Cost(requests, size)
	return Step{Name: name, Requests: requests, Size: size, Cost: most, Run: run}
}

func (x exam) fullStep(full bool) Step {
	batch := x.fullBatch()
	s := x.step("a request of the most texts", 1, x.size(batch...), func(ctx context.Context) error {
		_, err := x.ask(ctx, batch)
		return err
	})
	switch {
	case x.traits.MaxTexts == 0:
		s.Skip = "the backend names no limit"
	case !full:
		s.Skip = fmt.Sprintf("%d texts would cost %s: --full tries it", len(batch), s.Cost)
	}
	if s.Skip != "" {
		s.Requests, s.Size, s.Cost, s.Run = 0, 0, 0, nil
	}
	return s
}

// fullBatch repeats the texts up to MaxTexts, within MaxSize.
func (x exam) fullBatch() []string {
	var batch []string
	room := x.traits.MaxSize
	if room == 0 {
		room = math.MaxInt
	}
	for len(batch) < x.traits.MaxTexts {
		text := x.texts[len(batch)%len(x.texts)]
		if room -= x.size(text); room < 0 {
			break
		}
		batch = append(batch, text)
	}
	return batch
}

func (x exam) size(texts ...string) int {
	n := 0
	for _, text := range texts {
		n += x.traits.SizeOf(text)
	}
	return n
}

// connections is how many requests are tried at once: what the backend bears,
// but not more than eight, since each is paid for.
func (x exam) connections() int { return min(max(x.traits.Connections, 1), 8) }
