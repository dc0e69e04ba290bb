package transfer

import (
	"slices"

	"dragoman/translator"
)

// A list is the versions of one batch, in the order in which they joined it.
type list struct {
	batch translator.Batch
	ids   []translator.VersionID
}

// A joining is a version that joins a batch.
type joining struct {
	list int // place of the list
	id   translator.VersionID
}

// inOrder returns the joinings of lists, the oldest batch first, in an order in
// which they may have come: versions come into being in the order of their
// ids, each in one of its batches; no batch begins before an older one; and the
// order of each list is kept. Where no such order exists, because the lists
// grew while they were read, it comes as near as can be.
func inOrder(lists []list) []joining {
	m := merging{lists: lists, at: make([]int, len(lists)), made: map[translator.VersionID]bool{}}
	total := 0
	for i, l := range lists {
		m.live = append(m.live, i)
		m.order = append(m.order, l.ids...)
		total += len(l.ids)
	}
	slices.Sort(m.order)
	m.order = slices.Compact(m.order)
	m.joined = make([]joining, 0, total)
	for len(m.live) > 0 {
		if !m.pass() {
			m.force()
		}
	}
	return m.joined
}

type merging struct {
	lists  []list
	at     []int                  // of each list, how much of it has joined
	live   []int                  // lists of which some has not
	order  []translator.VersionID // all, in the order of their making
	made   map[translator.VersionID]bool
	joined []joining
}

// pass has every list go as far as it can, and tells whether any did.
func (m *merging) pass() (moved bool) {
	for _, i := range m.live {
		before := m.at[i]
		for m.at[i] < len(m.lists[i].ids) && m.may(m.lists[i].ids[m.at[i]]) {
			m.join(i)
		}
		moved = moved || m.at[i] > before
		if m.at[i] == 0 && len(m.lists[i].ids) > 0 {
			break // the batches after it were not there yet
		}
	}
	m.live = slices.DeleteFunc(m.live, func(i int) bool { return m.at[i] == len(m.lists[i].ids) })
	return moved
}

// may tells whether a version has been made, or is the next to be.
func (m *merging) may(id translator.VersionID) bool {
	for len(m.order) > 0 && m.made[m.order[0]] {
		m.order = m.order[1:]
	}
	return m.made[id] || len(m.order) > 0 && m.order[0] == id
}

func (m *merging) join(i int) {
	id := m.lists[i].ids[m.at[i]]
	m.made[id] = true
	m.joined = append(m.joined, joining{i, id})
	m.at[i]++
}

// force lets the list go on whose turn it is most.
func (m *merging) force() {
	if len(m.live) == 0 {
		return
	}
	m.join(slices.MinFunc(m.live, func(a, b int) int {
		return int(m.lists[a].ids[m.at[a]] - m.lists[b].ids[m.at[b]])
	}))
}
