package sqlite

import (
	"encoding/binary"
	"hash/crc32"
	"strings"

	"dragoman/translator"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A crc is the CRC-32C of what was added to it. A damaged disk or cable is the
// enemy here, not a person: a CRC finds every single flipped bit.
type crc uint32

func (c *crc) bytes(b []byte) { *c = crc(crc32.Update(uint32(*c), castagnoli, b)) }

// text adds a text with its length before it.
func (c *crc) text(text string) {
	c.number(int64(len(text)))
	c.bytes([]byte(text))
}

func (c *crc) number(n int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	c.bytes(b[:])
}

// checksum returns the CRC-32C of an entry. It covers the names that a row only
// points to.
func checksum(e *translator.Entry) int64 {
	var sum crc
	sum.bytes(e.Key[:])
	sum.text(string(e.Direction.From))
	sum.text(string(e.Direction.To))
	sum.text(string(e.Origin.Kind))
	sum.text(string(e.Origin.Signature))
	sum.text(e.Source)
	sum.text(e.Target)
	sum.number(e.Origin.Time.Unix())
	if len(e.Flags) > 0 { // rows from before there were flags keep their checksum
		sum.text(strings.Join(e.Flags, " "))
	}
	return int64(sum)
}
