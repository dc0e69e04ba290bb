package transfer

import (
	"crypto/sha256"
	"encoding/binary"

	"dragoman/translator"
)

// A digest tells things apart that are too long to be held by the million.
type digest [16]byte

// digestOf hashes texts.
func digestOf(texts ...string) digest {
	var buf []byte
	for _, text := range texts {
		buf = appendText(buf, text)
	}
	return sumOf(buf)
}

// digestOfLine covers all of a line that is written before its request. Stores
// keep microseconds.
func digestOfLine(l translator.Line) digest {
	var buf []byte
	for _, text := range [...]string{l.Run, l.Backend, string(l.Signature), string(l.Direction.From), string(l.Direction.To)} {
		buf = appendText(buf, text)
	}
	for _, n := range [...]int64{int64(l.Texts), int64(l.Size), int64(l.Cost), l.Time.UnixMicro()} {
		buf = appendNumber(buf, n)
	}
	for _, share := range l.Shares {
		buf = appendNumber(appendNumber(appendText(buf, share.Story), int64(share.Texts)), int64(share.Size))
	}
	return sumOf(buf)
}

// appendText appends a text with its length before it, so that no two
// sequences of texts are the same bytes.
func appendText(buf []byte, text string) []byte {
	return append(appendNumber(buf, int64(len(text))), text...)
}

func appendNumber(buf []byte, n int64) []byte {
	return binary.LittleEndian.AppendUint64(buf, uint64(n))
}

func sumOf(buf []byte) digest {
	sum := sha256.Sum256(buf)
	return digest(sum[:16])
}
