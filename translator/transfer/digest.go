package transfer

import (
	"encoding/binary"

	"dragoman/translator"
)

// A digest tells things apart that are too long to be held by the million.
type digest [16]byte

// digestOf hashes texts.
func digestOf(texts ...string) digest {
	var buf []byte
	for _, text := range texts {
		buf = translator.AppendPart(buf, text)
	}
	return translator.DigestOf(buf)
}

// digestOfLine covers all of a line that is written before its request. Stores
// keep microseconds.
func digestOfLine(l translator.Line) digest {
	var buf []byte
	for _, text := range [...]string{l.Run, l.Backend, string(l.Signature), string(l.Direction.From), string(l.Direction.To)} {
		buf = translator.AppendPart(buf, text)
	}
	for _, n := range [...]int64{int64(l.Texts), int64(l.Size), int64(l.Cost), l.Time.UnixMicro()} {
		buf = appendNumber(buf, n)
	}
	for _, share := range l.Shares {
		buf = translator.AppendPart(translator.AppendPart(buf, share.Story), string(share.Version[:]))
		buf = appendNumber(appendNumber(buf, int64(share.Texts)), int64(share.Size))
	}
	return translator.DigestOf(buf)
}

func appendNumber(buf []byte, n int64) []byte {
	return binary.LittleEndian.AppendUint64(buf, uint64(n))
}
