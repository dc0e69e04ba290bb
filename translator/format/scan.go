package format

import "unicode/utf8"

// A scan tells, byte by byte, the text that a writer copies as it is: nearly
// all of it. Characters of two bytes, and so Arabic, are passed over without
// decoding; only what is left is looked at.
type scan [256]uint8

const (
	alone  = iota // a character of one byte, copied
	leads         // the first of two bytes, both copied
	looked        // something to look at
)

// newScan returns a scan that stops at the ASCII characters that special
// picks, at the first of two bytes that it picks, at all longer characters,
// and at broken UTF-8.
func newScan(special func(c byte) bool) *scan {
	t := new(scan)
	for i := range t {
		c := byte(i)
		switch {
		case special(c):
			t[c] = looked
		case c < utf8.RuneSelf:
			t[c] = alone
		case 0xC2 <= c && c <= 0xDF:
			t[c] = leads
		default:
			t[c] = looked
		}
	}
	return t
}

// next returns the first index from i on that has something to look at, or len(s).
func (t *scan) next(s string, i int) int {
	for i < len(s) {
		switch t[s[i]] {
		case alone:
			i++
			continue
		case leads:
			if i+1 < len(s) && s[i+1]&0xC0 == 0x80 {
				i += 2
				continue
			}
		}
		return i
	}
	return i
}
