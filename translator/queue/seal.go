package queue

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"dragoman/translator"
)

// The first byte of what the store has says how the document in it is kept.
const (
	plain    = 'j' // JSON
	deflated = 'z' // JSON, compressed
)

// sealBytes is how much stands before the document: the first byte and the
// CRC-32C of all that follows.
const sealBytes = 5

// deflaters and inflaters are kept, because each has tables to make: 650 KiB and 40 KiB.
var (
	deflaters = sync.Pool{New: func() any {
		w, _ := flate.NewWriter(nil, flate.BestSpeed) // fails for a level that does not exist only
		return w
	}}
	inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}
)

// seal compresses a document if that pays, and makes damage to it visible.
func seal(doc []byte) []byte {
	out := bytes.NewBuffer(make([]byte, sealBytes, sealBytes+len(doc)/2))
	w := deflaters.Get().(*flate.Writer)
	w.Reset(out)
	_, _ = w.Write(doc) // a buffer never fails
	_ = w.Close()
	deflaters.Put(w)
	b, form := out.Bytes(), byte(deflated)
	if len(b) >= sealBytes+len(doc) {
		b, form = append(b[:sealBytes], doc...), plain
	}
	b[0] = form
	binary.LittleEndian.PutUint32(b[1:], crcOf(b[sealBytes:]))
	return b
}

func crcOf(b []byte) uint32 {
	var sum translator.Checksum
	sum.Bytes(b)
	return uint32(sum)
}

// unseal returns the document.
func unseal(b []byte) ([]byte, error) {
	if len(b) < sealBytes {
		return nil, damaged(fmt.Errorf("%d bytes are no document", len(b)))
	}
	form, sum, doc := b[0], binary.LittleEndian.Uint32(b[1:]), b[sealBytes:]
	if crcOf(doc) != sum {
		return nil, damaged(errors.New("its checksum is wrong"))
	}
	switch form {
	case plain:
		return doc, nil
	case deflated:
		return inflate(doc)
	}
	return nil, tooNew(fmt.Errorf("a newer dragoman wrote this (form %q)", form))
}

func inflate(doc []byte) ([]byte, error) {
	r := inflaters.Get().(io.Reader)
	defer inflaters.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(doc), nil); err != nil {
		return nil, damaged(err)
	}
	out := bytes.NewBuffer(make([]byte, 0, 4*len(doc)))
	if _, err := out.ReadFrom(r); err != nil {
		return nil, damaged(err)
	}
	return out.Bytes(), nil
}
