package pipeline

import "dragoman/translator"

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

// fateOf classes a result. Kinds that Holds are about the run, and TooLarge is
// told before anything is sent; the others are a backend's answer.
func fateOf(res translator.Result) fate {
	kind := translator.KindOf(res.Err)
	switch {
	case res.Err == nil && res.Recalled:
		return recalled
	case res.Err == nil:
		return answered
	case kind.Holds():
		return held
	case kind == translator.TooLarge:
		return refused
	}
	return unanswered
}

// totals adds the distinct sentences to what was counted on the way.
func (r *run) totals() (Totals, error) {
	t := r.counts
	t.Cut = r.cut
	err := r.tally.each(func(f fate, size int) {
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
