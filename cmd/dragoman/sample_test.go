package main

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
)

// A sample depends on the sentences and the seed and on nothing else, and a
// larger one holds every smaller one.
func TestSampleIsTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringN(1, 8, -1), 1, 60).Draw(rt, "texts")
		n, seed := rapid.IntRange(1, 20).Draw(rt, "n"), rapid.Uint64().Draw(rt, "seed")
		take := func(texts []string, n int) []translator.Key {
			s := newSample(n, seed)
			for _, text := range texts {
				s.add(translator.KeyOf(arEn, text), text, translator.Context{})
			}
			var keys []translator.Key
			for key := range s.kept {
				keys = append(keys, key)
			}
			slices.SortFunc(keys, func(a, b translator.Key) int { return slices.Compare(a[:], b[:]) })
			return keys
		}
		small := take(texts, n)
		turned := slices.Clone(texts)
		slices.Reverse(turned)
		if !slices.Equal(small, take(turned, n)) {
			rt.Error("the order of reading changes the sample")
		}
		if large := take(texts, 2*n); len(small) > n || slices.ContainsFunc(small, func(k translator.Key) bool { return !slices.Contains(large, k) }) {
			rt.Errorf("a sample of %d is not within one of %d", n, 2*n)
		}
	})
}
