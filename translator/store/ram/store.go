// Package ram keeps memory and ledger in this process, for tests and for runs
// that shall leave nothing behind.
package ram

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"dragoman/translator"
)

// A Store is a translator.Store, Archive, Ledger and Journal that ends with its
// process. The zero Store is not ready: New makes one.
type Store struct {
	mu      sync.RWMutex
	entries map[translator.Key]map[translator.Signature]translator.Entry
	lines   []line // LineID is the place in it, counted from 1
	claims  map[translator.Key]*Process
}

var (
	_ translator.Store   = (*Store)(nil)
	_ translator.Archive = (*Store)(nil)
	_ translator.Ledger  = (*Store)(nil)
	_ translator.Journal = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		entries: map[translator.Key]map[translator.Signature]translator.Entry{},
		claims:  map[translator.Key]*Process{},
	}
}

// Lookup returns every remembered translation of each key.
func (s *Store) Lookup(ctx context.Context, keys []translator.Key) (map[translator.Key][]translator.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := map[translator.Key][]translator.Entry{}
	for _, key := range keys {
		if bySignature := s.entries[key]; len(bySignature) > 0 {
			found[key] = slices.SortedFunc(maps.Values(bySignature), compare)
		}
	}
	return found, nil
}

// Save records entries. A flag that is empty or has a space in it is an Invalid
// error: a store on disk could not tell it from two.
func (s *Store) Save(ctx context.Context, entries []translator.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkFlags(entries); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		e.Flags = cloneSome(e.Flags)
		if s.entries[e.Key] == nil {
			s.entries[e.Key] = map[translator.Signature]translator.Entry{}
		}
		s.entries[e.Key][e.Origin.Signature] = e
	}
	return nil
}

func checkFlags(entries []translator.Entry) error {
	for _, e := range entries {
		for _, flag := range e.Flags {
			if flag == "" || strings.ContainsFunc(flag, unicode.IsSpace) {
				return translator.NewError("store ram:", translator.Invalid,
					fmt.Errorf("%q is no name of a flag: it is empty or has a space in it", flag))
			}
		}
	}
	return nil
}

// cloneSome returns a slice that its caller no longer changes, or nil for an empty one.
func cloneSome[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}

// Entries yields what is in the store when it is begun.
func (s *Store) Entries(ctx context.Context) iter.Seq2[translator.Entry, error] {
	return func(yield func(translator.Entry, error) bool) {
		for _, e := range s.sorted() {
			if err := ctx.Err(); err != nil {
				yield(translator.Entry{}, err)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (s *Store) sorted() []translator.Entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []translator.Entry
	for _, bySignature := range s.entries {
		all = slices.AppendSeq(all, maps.Values(bySignature))
	}
	slices.SortFunc(all, compare)
	return all
}

// compare orders entries by direction, key and signature.
func compare(a, b translator.Entry) int {
	return cmp.Or(a.Direction.Compare(b.Direction), a.Compare(b))
}

// Search finds entries by words; the best are those with the fewest other words.
func (s *Store) Search(ctx context.Context, query string, limit int) ([]translator.Entry, error) {
	wanted := translator.SearchWords(query)
	if len(wanted) == 0 || limit <= 0 {
		return nil, ctx.Err()
	}
	type hit struct {
		entry translator.Entry
		words int
	}
	var hits []hit
	for _, e := range s.sorted() {
		source, target := translator.SearchWords(e.Source), translator.SearchWords(e.Target)
		if holdsAll(source, wanted) || holdsAll(target, wanted) {
			hits = append(hits, hit{entry: e, words: len(source) + len(target)})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.words, b.words) })
	var found []translator.Entry
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, h.entry)
	}
	return found, ctx.Err()
}

func holdsAll(has, wanted []string) bool {
	for _, w := range wanted {
		if !slices.Contains(has, w) {
			return false
		}
	}
	return true
}

// Stats counts entries by direction, kind and signature.
func (s *Store) Stats(ctx context.Context) ([]translator.Stat, error) {
	type group struct {
		direction translator.Direction
		kind      translator.OriginKind
		signature translator.Signature
	}
	stats := map[group]translator.Stat{}
	for _, e := range s.sorted() {
		g := group{e.Direction, e.Origin.Kind, e.Origin.Signature}
		stat, ok := stats[g]
		if !ok {
			stat = translator.Stat{Direction: e.Direction, Kind: e.Origin.Kind, Signature: e.Origin.Signature,
				Oldest: e.Origin.Time, Newest: e.Origin.Time}
		}
		stat.Entries++
		if e.Origin.Time.Before(stat.Oldest) {
			stat.Oldest = e.Origin.Time
		}
		if e.Origin.Time.After(stat.Newest) {
			stat.Newest = e.Origin.Time
		}
		stats[g] = stat
	}
	return slices.SortedFunc(maps.Values(stats), translator.Stat.Compare), ctx.Err()
}
