package main

import "sync"

// A paid is a service's book of what it was sent, as it would bill it.
type paid struct {
	mu    sync.Mutex
	first map[string]int // the request that a text was first in
	twice map[int]bool   // requests of which some text was sent again
}

func newPaid() *paid { return &paid{first: map[string]int{}, twice: map[int]bool{}} }

// request takes note of the n-th request.
func (p *paid) request(n int, texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range texts {
		if before, ok := p.first[text]; ok {
			p.twice[before] = true
		} else {
			p.first[text] = n
		}
	}
}

// again returns of how many requests some text was sent again.
func (p *paid) again() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.twice)
}
