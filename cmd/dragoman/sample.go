package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"

	"dragoman/translator"
	"dragoman/translator/pipeline"
)

// A sampled sentence is one of a sample, with its place.
type sampled struct {
	weight  uint64
	key     translator.Key
	text    string // in transport form
	context translator.Context
	met     int    // how many sentences were read before it; -1 if none was yet
	id      string // of its first meeting
	source  string // as the story has it
}

// A sample keeps those n distinct sentences whose keys, hashed with a seed,
// are the smallest: the same stories and seed give the same sample, in
// whatever order they are read, and a larger one holds every smaller one.
type sample struct {
	n        int
	seed     uint64
	kept     map[translator.Key]*sampled
	seen     map[uint64]struct{} // hashes of keys, to count the distinct
	greatest uint64              // weight of those kept, once there are n
	read     int
	failed   error // the first story that could not be read
}

func newSample(n int, seed uint64) *sample {
	return &sample{n: n, seed: seed, kept: map[translator.Key]*sampled{}, seen: map[uint64]struct{}{}}
}

// take reads all stories of a job.
func (s *sample) take(ctx context.Context, job *job) error {
	_, err := pipeline.Run(ctx, job.dir, job.articles(ctx), s.meet, s.place, &pipeline.Options{Pages: 1})
	return err
}

// meet is a translator.Func that looks at the sentences and translates none.
func (s *sample) meet(_ context.Context, req translator.Request) ([]translator.Result, error) {
	results := make([]translator.Result, len(req.Texts))
	for i, text := range req.Texts {
		results[i].Err = errNotSent
		s.add(translator.KeyOf(req.Direction, text), text, req.Contexts[i])
	}
	return results, nil
}

func (s *sample) add(key translator.Key, text string, where translator.Context) {
	s.seen[binary.LittleEndian.Uint64(key[:8])] = struct{}{}
	if s.kept[key] != nil {
		return
	}
	h := fnv.New64a()
	h.Write(binary.LittleEndian.AppendUint64(nil, s.seed)) // a hash.Hash never fails
	h.Write(key[:])
	k := &sampled{weight: h.Sum64(), key: key, text: text, context: where, met: -1}
	if len(s.kept) >= s.n {
		if k.weight >= s.greatest {
			return
		}
		delete(s.kept, s.last().key)
	}
	s.kept[key] = k
	s.greatest = s.last().weight
}

// last returns the one kept with the greatest weight. A sample is small.
func (s *sample) last() *sampled {
	var last *sampled
	for _, k := range s.kept {
		if last == nil || k.weight > last.weight {
			last = k
		}
	}
	return last
}

// place notes where the sentences of a story stand that are kept so far.
func (s *sample) place(story translator.Story) error {
	if story.Status == translator.Failed && s.failed == nil {
		s.failed = story.Err
	}
	for _, sentence := range story.Sentences {
		s.read++
		p := sentence.Pair
		dir := translator.Direction{From: p.Source.Lang, To: p.Target.Lang}
		k := s.kept[translator.KeyOf(dir, translator.Transport(dir.From, p.Source.Text))]
		if k != nil && k.met < 0 {
			k.met, k.id, k.source = s.read, p.ID, p.Source.Text
		}
	}
	return nil
}

// sentences returns the sample in reading order.
func (s *sample) sentences() []*sampled {
	list := make([]*sampled, 0, len(s.kept))
	for _, k := range s.kept {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b *sampled) int { return cmp.Compare(a.met, b.met) })
	return list
}
