package segment

import (
	"strings"
	"unicode/utf8"
)

// A class is what a table says of a word. A word can be in several.
type class uint32

const (
	// title stands before a name or a word it belongs to and ends no sentence: Mr., vs., e.g.
	title class = 1 << iota
	// counter is short for what a figure follows: No. 5, Nov. 3, p. 12.
	counter
	// either ends a sentence only if the next word is one that opens sentences: Inc., U.S., St.
	either
	// ending stands at the end of a name, so that a subject can follow only in a new sentence.
	ending
	// verb is what tells a subject before it.
	verb
	// hour is followed by a day or a zone, or ends a sentence: a.m., p.m.
	hour
	// afterHour is a day or a zone that can follow an hour.
	afterHour
	// clipped is a long lower-case abbreviation, which a lower-case word can follow: assoc.
	clipped
	// banged is a name that ends in an exclamation mark: Yahoo!
	banged
	// letterName is the name of a Latin letter in Arabic script, used for an initial: دبليو
	letterName
	// spelling is such a name that counts only beside others (بي بي سي).
	spelling
	// labelled is a word that a single letter follows: vitamin D, فيتامين د
	labelled
	// opener is a word that opens sentences and hardly ever follows an abbreviation within one.
	opener
	// saying is a verb that attributes a quotation before it.
	saying
	// linking is a word that continues a sentence after a quotation.
	linking
	// domain is what follows the point in a name on the Internet.
	domain
)

// A group is words of one class and why they are in it.
type group struct {
	class class
	why   string
	words string // between white space
}

// A row is one word of one group.
type row struct {
	word  string
	class class
}

// rowsOf returns the rows of tables, in their order.
func rowsOf(tables ...[]group) []row {
	var rows []row
	for _, table := range tables {
		for _, g := range table {
			for word := range strings.FieldsSeq(g.words) {
				rows = append(rows, row{word, g.class})
			}
		}
	}
	return rows
}

// abbreviations are the classes of words that a table lists for standing before a stop.
const abbreviations = title | counter | either | ending | hour | clipped | banged | letterName

// add puts rows into the tables.
func (r *Rules) add(rows []row) {
	for _, row := range rows {
		r.words[row.word] |= row.class
		if row.class&abbreviations != 0 {
			r.sift(row.word)
		}
	}
}

// sift lets words through the sieve that fold to word.
func (r *Rules) sift(word string) {
	letters := 0
	for _, c := range word {
		if isLetter(c) {
			letters++
		}
	}
	last := word[len(word)-1:]
	if strings.HasSuffix(word, "ا") {
		last = "اأإآٱ"
	}
	for _, b := range []byte(last) {
		r.sieve[b] |= 1 << letters
		if 'a' <= b && b <= 'z' {
			r.sieve[b-'a'+'A'] |= 1 << letters
		}
	}
}

// class returns the class of a word.
func (r *Rules) class(word string) class {
	var buf [foldSize]byte
	return r.words[string(buf[:fold(&buf, word)])]
}

// lowerClass returns the class of a word in lower case.
func (r *Rules) lowerClass(word string) class {
	var buf [foldSize]byte
	n := fold(&buf, word)
	lowerASCII(buf[:n])
	return r.words[string(buf[:n])]
}

func lowerASCII(word []byte) {
	for i, b := range word {
		if 'A' <= b && b <= 'Z' {
			word[i] = b | 0x20
		}
	}
}

// abbreviation returns the class of the word before a stop. A sieve by last
// byte and number of letters spares most words the search. A word in capitals
// may also be one that the table has with one capital.
func (r *Rules) abbreviation(word string, w *token) class {
	if r.sieve[w.last]>>w.letters&1 == 0 || w.digits > 0 {
		return 0
	}
	var buf [foldSize]byte
	n := fold(&buf, word)
	if n == 0 {
		return 0 // longer than any abbreviation
	}
	if c := r.words[string(buf[:n])] & abbreviations; c != 0 || !w.upper || w.letters < 2 || w.points > 0 {
		return c
	}
	lowerASCII(buf[1:n])
	return r.words[string(buf[:n])] & abbreviations
}

// foldSize is more than the bytes of any word in a table.
const foldSize = 32

// fold writes a word into buf without vowel signs, tatweel and joiners, with a
// bare alef for each alef with hamza, madda or wasla, and with straight
// apostrophes. It returns the length, or 0 for a word that is too long.
func fold(buf *[foldSize]byte, word string) int {
	n := 0
	for i := 0; i < len(word); {
		if n+utf8.UTFMax > foldSize {
			return 0
		}
		if word[i] < utf8.RuneSelf {
			buf[n] = word[i]
			n++
			i++
			continue
		}
		r, size := after(word, i)
		i += size
		switch {
		case r == 'أ' || r == 'إ' || r == 'آ' || r == 'ٱ':
			r = 'ا'
		case r == '’':
			r = '\''
		case r == 'ـ' || isMark(r):
			continue
		}
		n += utf8.EncodeRune(buf[n:], r)
	}
	return n
}
