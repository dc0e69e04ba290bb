package score

import "math/bits"

// grams counts n-grams of references and finds them in a translation. It is a
// trie: the n-gram of a node is that of its parent and one symbol more. The
// edges stand in one hash table, and a node is found by its edge, not by a hash
// of its n-gram, so two n-grams are never taken for each other. The zero value
// needs a reset.
type grams struct {
	edges []edge // a power of two of them, at most half in use
	shift int    // from a hash of 64 bits to a place in edges
	nodes []node // by number; the root is 0
}

// An edge leads from a node over a symbol to a child.
type edge struct {
	key   uint64 // parent<<32 | symbol+1; 0 is an edge that is not there
	child uint32
}

// A node is an n-gram.
type node struct {
	left int32 // how often it may be matched: the most that one reference has
	here int32 // how often it stands in the reference that is being added
}

// reset forgets all and makes room for n-grams that stand at count places.
func (g *grams) reset(count int) {
	size := 1 << bits.Len(uint(max(2*count, 15)))
	if cap(g.edges) < size {
		g.edges = make([]edge, size)
	}
	g.edges = g.edges[:size]
	clear(g.edges)
	g.shift = 64 - bits.Len(uint(size-1))
	g.nodes = append(g.nodes[:0], node{})
}

// place returns where an edge stands, or would stand.
func (g *grams) place(key uint64) int {
	const golden = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio: spreads numbers that follow each other
	mask := len(g.edges) - 1
	i := int(key * golden >> g.shift)
	for g.edges[i&mask].key != key && g.edges[i&mask].key != 0 {
		i++
	}
	return i & mask
}

// add counts the n-grams of a reference, of 1 to order symbols. An n-gram may
// be matched as often as it stands in the reference that has it most often.
func (g *grams) add(ref []uint32, order int) {
	for i := range ref {
		at := uint32(0)
		for _, symbol := range ref[i:min(i+order, len(ref))] {
			at = g.child(at, symbol)
			n := &g.nodes[at]
			n.here++
			n.left = max(n.left, n.here)
		}
	}
}

// next begins another reference: what stands in it is counted from 0.
func (g *grams) next() {
	for i := range g.nodes {
		g.nodes[i].here = 0
	}
}

// child returns the child of a node over a symbol, and makes it if it is not there.
func (g *grams) child(parent, symbol uint32) uint32 {
	key := uint64(parent)<<32 | uint64(symbol+1)
	e := &g.edges[g.place(key)]
	if e.key == 0 {
		*e = edge{key, uint32(len(g.nodes))}
		g.nodes = append(g.nodes, node{})
	}
	return e.child
}

// match takes the n-grams of a translation from those of the references and
// adds to matches[n-1] how many of n symbols there were.
func (g *grams) match(hyp []uint32, matches []int) {
	for i := range hyp {
		at := uint64(0)
		for n, symbol := range hyp[i:min(i+len(matches), len(hyp))] {
			e := g.edges[g.place(at<<32|uint64(symbol+1))]
			if e.key == 0 {
				break // no longer one is there either
			}
			at = uint64(e.child)
			if left := &g.nodes[at].left; *left > 0 {
				*left--
				matches[n]++
			}
		}
	}
}

// ngrams returns how many n-grams a text of a length has.
func ngrams(length, n int) int { return max(length-n+1, 0) }
