package translator

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// A Key names a text in a direction. Together with a Signature it names one
// remembered translation: see Store.
type Key [16]byte

// keySchema changes when Transport or KeyOf change what they return, so that
// an old memory misses instead of answering wrongly.
const keySchema = "dragoman key 1"

// KeyOf hashes a direction and a text in transport form: the first half of
// SHA-256 over the schema, both tags and the text, each with its length before it,
// so that no two different questions share a key by concatenation.
func KeyOf(dir Direction, transport string) Key {
	buf := make([]byte, 0, 512)
	for _, part := range [...]string{keySchema, string(dir.From), string(dir.To), transport} {
		buf = AppendPart(buf, part)
	}
	return Key(DigestOf(buf))
}

// AppendPart appends a text with its length before it, so that no two sequences
// of texts are the same bytes.
func AppendPart(buf []byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint64(buf, uint64(len(text))), text...)
}

// DigestOf returns the first half of SHA-256, which tells things apart.
func DigestOf(parts []byte) [16]byte {
	sum := sha256.Sum256(parts)
	return [16]byte(sum[:16])
}

// Compare orders keys by their bytes.
func (k Key) Compare(other Key) int { return bytes.Compare(k[:], other[:]) }

// String returns the key in hexadecimal.
func (k Key) String() string { return hex.EncodeToString(k[:]) }
