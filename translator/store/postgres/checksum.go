package postgres

import (
	"encoding/binary"
	"hash/crc32"
	"strings"

	"dragoman/translator"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns the CRC-32C of an entry. It covers the names that a row only
// points to, each text with its length before it. A damaged disk or cable
// is the enemy here, not a person: a CRC finds every single flipped bit.
func checksum(e *translator.Entry) int64 {
	sum := crc32.Update(0, castagnoli, e.Key[:])
	var head [8]byte
	add := func(text string) {
		binary.LittleEndian.PutUint64(head[:], uint64(len(text)))
		sum = crc32.Update(sum, castagnoli, head[:])
		sum = crc32.Update(sum, castagnoli, []byte(text))
	}
	add(string(e.Direction.From))
	add(string(e.Direction.To))
	add(string(e.Origin.Kind))
	add(string(e.Origin.Signature))
	add(e.Source)
	add(e.Target)
	binary.LittleEndian.PutUint64(head[:], uint64(e.Origin.Time.Unix()))
	sum = crc32.Update(sum, castagnoli, head[:])
	add(strings.Join(e.Flags, " "))
	return int64(sum)
}
