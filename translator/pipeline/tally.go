package pipeline

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"

	"dragoman/translator"
)

// A fate is what became of a distinct sentence. Where one was met several
// times, the highest counts.
type fate uint8

const (
	recalled   fate = iota // remembered from before
	held                   // not sent: a later run goes on with it
	refused                // not sent: above a limit
	unanswered             // sent, and no translation came
	answered               // sent and translated
)

// A tally counts distinct sentences exactly in bounded memory: it keeps up to
// a fixed number of them, and spills sorted runs to a temporary file.
type tally struct {
	limit int // records in buf; 0 is tallyRecords
	buf   []record
	spill *os.File
	runs  []int // records in each run of spill
}

// A record is one meeting with a sentence. The hash is the first half of its
// key: among a billion sentences two share it with a chance of 3 %, and then
// the count is one too low.
type record struct {
	hash uint64
	size uint32
	fate fate
}

// tallyRecords bounds the memory of a tally: 16 bytes each, 2 MiB in all.
const tallyRecords = 1 << 17

const recordBytes = 13

func (t *tally) add(key translator.Key, size int, f fate) error {
	limit := cmp.Or(t.limit, tallyRecords)
	t.buf = append(t.buf, record{binary.LittleEndian.Uint64(key[:8]), uint32(size), f})
	if len(t.buf) < limit {
		return nil
	}
	t.compact()
	if len(t.buf) < limit/2 {
		return nil
	}
	return t.flush()
}

// compact sorts the buffer and keeps one record of each sentence.
func (t *tally) compact() {
	slices.SortFunc(t.buf, compare)
	t.buf = slices.CompactFunc(t.buf, func(a, b record) bool { return a.hash == b.hash })
}

// compare puts the record that counts first among those of one sentence.
func compare(a, b record) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(b.fate, a.fate))
}

// flush writes the sorted buffer as a run.
func (t *tally) flush() error {
	if t.spill == nil {
		f, err := os.CreateTemp("", "dragoman-tally-*")
		if err != nil {
			return err
		}
		t.spill = f
	}
	w := bufio.NewWriter(t.spill)
	for _, r := range t.buf {
		var b [recordBytes]byte
		binary.LittleEndian.PutUint64(b[:], r.hash)
		binary.LittleEndian.PutUint32(b[8:], r.size)
		b[12] = byte(r.fate)
		w.Write(b[:]) // the error is Flush's
	}
	t.runs = append(t.runs, len(t.buf))
	t.buf = t.buf[:0]
	return w.Flush()
}

// each calls f once for each distinct sentence, in the order of their hashes.
func (t *tally) each(f func(fate, int)) error {
	t.compact()
	sources := sourceHeap{}
	for _, s := range t.sources() {
		if err := s.next(); err != nil {
			return err
		}
		if !s.done {
			sources = append(sources, s)
		}
	}
	heap.Init(&sources)
	for first, last := true, uint64(0); len(sources) > 0; {
		s := sources[0]
		if first || s.head.hash != last {
			f(s.head.fate, int(s.head.size))
		}
		first, last = false, s.head.hash
		if err := s.next(); err != nil {
			return err
		}
		if s.done {
			heap.Pop(&sources)
		} else {
			heap.Fix(&sources, 0)
		}
	}
	return nil
}

// A source is a sorted run being read: from the file, or the buffer.
type source struct {
	head record
	done bool
	read func() (record, error) // io.EOF at the end
}

func (s *source) next() (err error) {
	s.head, err = s.read()
	if errors.Is(err, io.EOF) {
		s.done, err = true, nil
	}
	return err
}

func (t *tally) sources() []*source {
	rest := t.buf
	all := []*source{{read: func() (record, error) {
		if len(rest) == 0 {
			return record{}, io.EOF
		}
		r := rest[0]
		rest = rest[1:]
		return r, nil
	}}}
	var offset int64
	for _, n := range t.runs {
		r := bufio.NewReader(io.NewSectionReader(t.spill, offset, int64(n)*recordBytes))
		offset += int64(n) * recordBytes
		all = append(all, &source{read: func() (record, error) {
			var b [recordBytes]byte
			if _, err := io.ReadFull(r, b[:]); err != nil {
				return record{}, err
			}
			return record{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint32(b[8:]), fate(b[12])}, nil
		}})
	}
	return all
}

// close removes the temporary file.
func (t *tally) close() error {
	if t.spill == nil {
		return nil
	}
	return errors.Join(t.spill.Close(), os.Remove(t.spill.Name()))
}

type sourceHeap []*source

func (h sourceHeap) Len() int           { return len(h) }
func (h sourceHeap) Less(i, j int) bool { return compare(h[i].head, h[j].head) < 0 }
func (h sourceHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *sourceHeap) Push(x any)        { *h = append(*h, x.(*source)) }
func (h *sourceHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
