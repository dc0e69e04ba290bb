package translator

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Checksum is the CRC-32C of what was added to it, from zero on. A damaged
// disk or cable is the enemy here, not a person: a CRC finds every single flipped bit.
type Checksum uint32

// Bytes adds bytes as they are.
func (c *Checksum) Bytes(b []byte) { *c = Checksum(crc32.Update(uint32(*c), castagnoli, b)) }

// Text adds a text with its length before it.
func (c *Checksum) Text(text string) {
	c.Number(int64(len(text)))
	c.Bytes([]byte(text))
}

// Number adds a number of eight bytes.
func (c *Checksum) Number(n int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	c.Bytes(b[:])
}

// Checksum returns the one of all that an entry says.
func (e *Entry) Checksum() Checksum {
	var sum Checksum
	sum.Bytes(e.Key[:])
	sum.Text(string(e.Direction.From))
	sum.Text(string(e.Direction.To))
	sum.Text(string(e.Origin.Kind))
	sum.Text(string(e.Origin.Signature))
	sum.Text(e.Source)
	sum.Text(e.Target)
	sum.Number(e.Origin.Time.Unix())
	if flags, err := JoinFlags(e.Flags); flags != "" || err != nil { // entries from before there were flags keep their checksum
		sum.Text(flags)
	}
	return sum
}
