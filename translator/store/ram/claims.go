package ram

import (
	"context"

	"dragoman/translator"
)

// A Process is a store as one of several processes sees it that share it, for
// tests of what they do to each other.
type Process struct{ *Store }

var _ translator.Claims = (*Process)(nil)

// Process returns the store as another process sees it.
func (s *Store) Process() *Process { return &Process{s} }

// Claim takes those of keys that no other process has.
func (p *Process) Claim(ctx context.Context, keys []translator.Key) ([]translator.Key, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var got []translator.Key
	seen := make(map[translator.Key]bool, len(keys))
	for _, key := range keys {
		if holder := p.claims[key]; seen[key] || holder != nil && holder != p {
			continue
		}
		seen[key] = true
		p.claims[key] = p
		got = append(got, key)
	}
	return got, nil
}

// Release gives keys back.
func (p *Process) Release(ctx context.Context, keys []translator.Key) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range keys {
		if p.claims[key] == p {
			delete(p.claims, key)
		}
	}
	return nil
}

// End ends the process as a kill does: what it has claimed is free.
func (p *Process) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, holder := range p.claims {
		if holder == p {
			delete(p.claims, key)
		}
	}
}
