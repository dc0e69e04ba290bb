package translator

import (
	"fmt"
	"hash/fnv"
	"io"
)

// IDs makes the IDs of the stories that come together unique. It holds a hash of
// each, not the ID, so that a million stories fit in little memory. Who writes
// the same stories by another way, as a queue does, must name them with it too.
type IDs map[uint64]uint32

// Unique returns id, or, where an earlier story has it, "id~2" and so on.
func (n IDs) Unique(id string) string {
	for {
		h := fnv.New64a()
		io.WriteString(h, id) // a hash.Hash never fails
		n[h.Sum64()]++
		if n[h.Sum64()] == 1 {
			return id
		}
		id = fmt.Sprintf("%s~%d", id, n[h.Sum64()])
	}
}
