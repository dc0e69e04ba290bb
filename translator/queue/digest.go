package queue

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strconv"

	"dragoman/translator"
)

// digestSchema changes when DigestOf changes what it returns: then every story
// that is submitted again is a new version.
const digestSchema = "dragoman story 1"

// DigestOf tells the versions of a story apart. It covers what changes the
// translation or what export writes: the language, the blocks with their kinds
// and rules, and when the story was published. It leaves out the ID, which names
// the story beside it, and Meta, which nothing shows.
//
// It leaves out Path as well: the same story delivered again in the folder of
// another night is the same version, and what is done with it is done. The
// report and the story's page then show the path of the first delivery.
func DigestOf(a translator.Article) [16]byte {
	d := newDigest("article", string(a.Lang))
	if !a.Published.IsZero() {
		d.add(strconv.FormatInt(a.Published.Unix(), 10), strconv.Itoa(a.Published.Nanosecond()))
	}
	for _, b := range a.Blocks {
		d.add("block", string(b.Kind), b.Text, b.Rule)
	}
	return d.sum()
}

// DigestOfUnread does the same for an item that could not be read: it is the
// same version as long as it cannot be read for the same reason.
func DigestOfUnread(e *translator.ItemError) [16]byte {
	r := translator.ReasonOf(e.Err)
	return newDigest("unread", r.Kind.Error(), r.Text, r.Hint).sum()
}

// A digest is taken of texts, each with its length before it.
type digest struct{ h hash.Hash }

func newDigest(texts ...string) digest {
	d := digest{sha256.New()}
	d.add(digestSchema)
	d.add(texts...)
	return d
}

func (d digest) add(texts ...string) {
	var buf []byte
	for _, text := range texts {
		buf = binary.LittleEndian.AppendUint64(buf[:0], uint64(len(text)))
		d.h.Write(append(buf, text...)) // a hash never fails
	}
}

func (d digest) sum() [16]byte { return [16]byte(d.h.Sum(nil)[:16]) }
