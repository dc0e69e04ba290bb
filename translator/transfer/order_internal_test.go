package transfer

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
)

// A ledgerless register: lists that joinings make.
func replay(joined []joining, n int) (lists [][]translator.VersionID, began []int) {
	lists = make([][]translator.VersionID, n)
	for _, j := range joined {
		if len(lists[j.list]) == 0 {
			began = append(began, j.list)
		}
		lists[j.list] = append(lists[j.list], j.id)
	}
	return lists, began
}

// TestInOrder submits new and old versions to batches at random, and finds from
// the lists alone an order that leads to the same lists.
func TestInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var lists []list
		next := translator.VersionID(1)
		for range rapid.IntRange(0, 60).Draw(t, "joinings") {
			id := next
			if next > 1 && rapid.Bool().Draw(t, "known") {
				id = translator.VersionID(rapid.IntRange(1, int(next-1)).Draw(t, "id"))
			}
			k := rapid.IntRange(0, min(len(lists), 5)).Draw(t, "batch")
			if k == len(lists) {
				lists = append(lists, list{})
			}
			if !slices.Contains(lists[k].ids, id) {
				lists[k].ids = append(lists[k].ids, id)
				next = max(next, id+1)
			}
		}
		lists = slices.DeleteFunc(lists, func(l list) bool { return len(l.ids) == 0 })
		got := inOrder(lists)
		again, began := replay(got, len(lists))
		for i, l := range lists {
			if !slices.Equal(again[i], l.ids) || began[i] != i {
				t.Fatalf("list %d is %v, want %v; they began as %v", i, again[i], l.ids, began)
			}
		}
		made := map[translator.VersionID]bool{}
		var last translator.VersionID
		for _, j := range got {
			if !made[j.id] && j.id < last {
				t.Fatalf("version %d is made after %d: %v", j.id, last, got)
			}
			made[j.id], last = true, max(last, j.id)
		}
	})
}

// TestInOrderTorn has lists that fit no order: all is there all the same.
func TestInOrderTorn(t *testing.T) {
	t.Parallel()
	for _, ids := range [][][]translator.VersionID{
		{{11, 10}}, {{}, {3, 2, 1}, {}, {2, 4}}, {{5}, {9, 1}, {1, 9}}, {{}, {}},
	} {
		lists := make([]list, len(ids))
		for i := range ids {
			lists[i].ids = ids[i]
		}
		again, _ := replay(inOrder(lists), len(lists))
		if fmt.Sprint(again) != fmt.Sprint(ids) {
			t.Errorf("%v became %v", ids, again)
		}
	}
}
