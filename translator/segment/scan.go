package segment

import "strings"

// A kind says what a candidate is made of.
type kind uint8

const (
	line kind = 1 << iota // the end of a line
	dot                   // one full stop, which may be an abbreviation's
	dots                  // an ellipsis: two full stops or more, or …
	sure                  // a mark that nothing but a sentence ends in: ! ? ؟ ۔ ‼ ⁇
)

// scanWindow is how far a search for one byte runs before the others get their turn.
const scanWindow = 512

// A scanner finds candidates from left to right. It searches a window for each
// byte that a candidate has, and narrows the window to what stands before it:
// seven searches by vector instructions are several times as fast as one loop
// over the bytes. Full stops, the commonest, are sought apart from the others,
// which it therefore seeks once a window and not once a candidate.
type scanner struct {
	text string
	free int  // before here, from where it was set on, is no candidate but full stops
	mark bool // another candidate stands at free
}

// seek returns where the first candidate at or after i begins, its length and
// its kind; at the end of the text its length is 0.
func (sc *scanner) seek(i int) (at, size int, k kind) {
	for i < len(sc.text) {
		if i >= sc.free {
			sc.window(i)
		}
		if at = narrow(sc.text, i, sc.free, '.'); at < sc.free {
			return at, 1, dot
		}
		if sc.mark {
			size, k = stopAt(sc.text, at)
			return at, size, k
		}
		i = sc.free
	}
	return len(sc.text), 0, 0
}

// window searches the window that begins at i for all but full stops.
func (sc *scanner) window(i int) {
	end := min(i+scanWindow, len(sc.text))
	at := narrow(sc.text, i, end, '\n')
	at = narrow(sc.text, i, at, '?')
	at = narrow(sc.text, i, at, '!')
	at = narrowArabic(sc.text, i, at)
	at = narrowWide(sc.text, i, at)
	sc.free, sc.mark = at, at < end
}

// narrow returns where b first stands in text[i:end], or end.
func narrow(text string, i, end int, b byte) int {
	if n := strings.IndexByte(text[i:end], b); n >= 0 {
		return i + n
	}
	return end
}

// narrowArabic returns where ؟ or ۔ first stands in text from i to before end,
// or end. The last byte of ؟ and the first of ۔ are rare in Arabic, their other
// bytes are not.
func narrowArabic(text string, i, end int) int {
	for j := i; ; j++ {
		j = narrow(text, j, min(end+1, len(text)), 0x9F)
		if j >= end+1 || j == len(text) {
			break
		}
		if j > i && text[j-1] == 0xD8 {
			end = j - 1
			break
		}
	}
	for j := i; ; j++ {
		if j = narrow(text, j, end, 0xDB); j == end {
			return end
		}
		if _, k := stopAt(text, j); k != 0 {
			return j
		}
	}
}

// narrowWide returns where a candidate that begins with E2 first stands in
// text[i:end], or end. Runs of curly quotes and dashes, which begin so too, are
// passed over without a search for each.
func narrowWide(text string, i, end int) int {
	for {
		if i = narrow(text, i, end, 0xE2); i == end {
			return end
		}
		for i < end && text[i] == 0xE2 {
			if end-i > 2 && text[i+1] == 0x80 && text[i+2]&^0x0F == 0x90 {
				i += 3 // a quote or dash, U+2010 to U+201F
				continue
			}
			if _, k := stopAt(text, i); k != 0 {
				return i
			}
			i += min(3, end-i)
		}
	}
}

// stopAt returns the length and kind of the candidate at i, or zeros.
func stopAt(text string, i int) (int, kind) {
	switch text[i] {
	case '.':
		return 1, dot
	case '!', '?':
		return 1, sure
	case '\n':
		return 1, line
	case 0xD8, 0xDB:
		if t := text[i:]; len(t) > 1 && (t[:2] == "؟" || t[:2] == "۔") {
			return 2, sure
		}
	case 0xE2:
		if len(text)-i > 2 {
			return wideStop(text[i : i+3])
		}
	}
	return 0, 0
}

func wideStop(t string) (int, kind) {
	switch t {
	case "…":
		return 3, dots
	case "‼", "⁇", "⁈", "⁉":
		return 3, sure
	case "\u2028", "\u2029":
		return 3, line
	}
	return 0, 0
}

// stops extends the stop text[from:i] over the stops that belong to it: the
// next one, with marks between them, or with white space if it stands alone (". . .").
func stops(text string, from, i int, k kind) (int, kind) {
	for i < len(text) {
		if j := run(text, from, i); j > i {
			if i = j; k != sure {
				k = dots
			}
			continue
		}
		j := i
		size, more := stopAt(text, j)
		if more == 0 {
			if b := text[j]; 'A' <= b && b <= 'z' {
				break
			}
			if j = skipBlank(text, i); j == len(text) {
				break
			}
			if size, more = stopAt(text, j); more == dot && gluedTo(text, j+size) && hasSpace(text, i, j) {
				break
			}
		}
		if more == 0 || more == line {
			break
		}
		from, i = j, j+size
		if k = (k | more) & sure; k == 0 {
			k = dots
		}
	}
	return i, k
}

// run returns where a run of the stop text[from:i] ends, a full stop with or
// without a blank before it: a short way for what can be very long. It compares
// ever longer parts of the run with what follows, then ever shorter ones.
func run(text string, from, i int) int {
	size := i - from
	point := text[from:i] == "."
	n := size
	for ; i+n <= len(text) && text[i:i+n] == text[i-n:i]; n *= 2 {
		i += n
	}
	for ; n >= size; n /= 2 {
		if i+n <= len(text) && i-n >= from && text[i:i+n] == text[i-n:i] {
			i += n
		}
	}
	for point && strings.HasPrefix(text[i:], " . ") {
		i += 2
	}
	return i
}

// gluedTo tells whether a letter or figure stands at i, after more stops or none.
func gluedTo(text string, i int) bool {
	for i < len(text) && text[i] == '.' {
		i++
	}
	if i == len(text) {
		return false
	}
	r, _ := after(text, i)
	return isLetter(r) || isDigit(r) || isOpener(r)
}

// skipBlank passes over marks and white space within a line.
func skipBlank(text string, i int) int {
	for i < len(text) {
		r, n := after(text, i)
		if r == '\n' || r == 0x2028 || r == 0x2029 || !isSpace(r) && !isMark(r) {
			break
		}
		i += n
	}
	return i
}

func hasSpace(text string, i, j int) bool { return skipSpace(text[:j], i) > i }
