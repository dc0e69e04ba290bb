package quality

import "unicode/utf8"

// A figure is a number written in digits, with all that it may mean: "12,500"
// is a thousand times more or less, and "17,00" may be a time of day.
type figure struct {
	start, end int      // bytes of the text, with a word as million behind it
	sig        uint64   // the digits without zeros at either end
	exps       [4]int32 // the value is sig × 10^exp for one of them
	readings   int32    // how many exps there are
	digits     int32    // without zeros in front
	fraction   int32    // digits after a decimal point
	minutes    int32    // as a time of day, or -1
	unit       int32    // the power of ten of a word behind it; 0 is none
	timed      bool     // written as a time of day is: 9:30, 17,00, 0600
}

// appendFigures adds the figures of a text, in order.
func appendFigures(figures []figure, text string) []figure {
	var f spelling
	for i := 0; i < len(text); {
		switch b := text[i]; {
		case b < 0x80 && b-'0' > 9:
			i++
			continue
		case b == 0xD8, b == 0xD9 && i+1 < len(text) && text[i+1]-0xA0 > 9:
			i += 2 // an Arabic letter: half of a text's are behind 0xD9
			continue
		case b >= 0x80 && b != 0xD9 && b != 0xDB:
			i++
			continue
		}
		if _, n := digitAt(text, i); n == 0 {
			i += 2
			continue
		}
		f.read(text, i)
		i = f.end
		if f.start < 2 || text[f.start-2:f.start] != "&#" { // else a character reference
			figures = append(figures, f.figure)
		}
	}
	return shareUnits(figures)
}

// shareUnits lets "5" of "between 5 and 6 million" be 5 million as well.
func shareUnits(figures []figure) []figure {
	for i := len(figures) - 2; i >= 0; i-- {
		f, next := &figures[i], figures[i+1]
		if f.unit == 0 && next.unit > 0 && next.start-f.end <= shareReach {
			f.shift(next.unit)
		}
	}
	return figures
}

// shareReach is the bytes between two figures that one unit can serve.
const shareReach = 14

// spelling is a figure with how it is written.
type spelling struct {
	figure
	zeros      int32      // at its end
	groups     int32      // of digits
	first      int32      // digits of the first group
	last       int32      // digits of the last group
	plain      int32      // its value while it is small
	separators [2]sepKind // the first and the last
	lead       bool       // it begins with a zero
	thirds     bool       // every group after the first has three digits
}

// sepKind is what stands between two groups of digits.
type sepKind uint8

const (
	noSep   sepKind = iota
	comma           // or a full stop: a decimal point, a thousands separator, or a time's
	decimal         // ٫
	grouper         // ٬ or ، or a space
	clock           // :
)

// read reads the figure at i: the digits with the separators between them, and
// a unit behind. Several separators of one kind that group nothing are a date
// or a version, and a time with more behind it is a duration: of those it takes
// the first part.
func (f *spelling) read(text string, i int) {
	f.begin(text, i)
	for !followsGroup(text, i) {
		kind, n := sepAt(text, f.end)
		next := readGroup(text, f.end+n)
		if kind == noSep || next == f.end+n || !f.admits(kind, digitsIn(text, f.end+n, next)) {
			break
		}
		f.join(text, kind, f.end+n, next)
	}
	if f.groups > 2 && (f.separators[0] == f.separators[1] && !f.thirds || f.separators[0] == clock) {
		f.begin(text, i)
	}
	f.settle()
	f.takeUnit(text)
}

// followsGroup tells whether a point or a comma stands before i, and a digit before that.
func followsGroup(text string, i int) bool {
	if i < 2 || text[i-1] != '.' && text[i-1] != ',' {
		return false
	}
	_, ascii := digitAt(text, i-2)
	return ascii == 1 || i > 2 && readGroup(text, i-3) == i-1
}

// begin reads the first group of digits and forgets what was before.
func (f *spelling) begin(text string, i int) {
	*f = spelling{groups: 1, thirds: true}
	f.start, f.end = i, readGroup(text, i)
	d, _ := digitAt(text, i)
	f.lead = d == 0
	f.take(text, i, f.end)
	f.first = f.last
}

// admits tells whether a separator and a group of n digits go on with the figure.
func (f *spelling) admits(kind sepKind, n int) bool {
	switch kind {
	case clock:
		return f.groups == 1 && f.first <= 2 && n == 2
	case grouper:
		return n == 3 && f.thirds && f.first <= 3 && !f.lead
	}
	return f.separators[1] != decimal
}

func (f *spelling) join(text string, kind sepKind, start, end int) {
	if f.groups == 1 {
		f.separators[0] = kind
	}
	f.separators[1] = kind
	f.groups++
	f.end = end
	f.take(text, start, end)
	f.thirds = f.thirds && f.last == 3
}

// take reads one group of digits.
func (f *spelling) take(text string, start, end int) {
	f.last = 0
	for i := start; i < end; {
		d, n := digitAt(text, i)
		i += n
		f.last++
		f.digits += min(1, f.digits+int32(d))
		f.plain = min(f.plain*10+int32(d), 1e6)
		if d == 0 && f.sig == 0 {
			continue
		}
		if f.zeros++; d == 0 {
			continue
		}
		for ; f.zeros > 0; f.zeros-- {
			f.sig *= 10
		}
		f.sig += uint64(d)
	}
}

// settle works out the readings: with the separators as thousands', with the
// last one as a decimal point, or both.
func (f *spelling) settle() {
	last := f.separators[1]
	thousands := f.groups == 1 || f.thirds && f.first <= 3 && !f.lead && last == f.separators[0] && last != decimal
	point := last != noSep && last != grouper && (f.groups == 2 || last != f.separators[0])
	point = point && !(thousands && f.zeros >= 3) // nobody writes 3,000 for 3
	if thousands || !point {
		f.add(f.zeros)
	}
	if point {
		f.add(f.zeros - f.last)
		if !thousands && last != clock {
			f.fraction = f.last
		}
	}
	f.timeOfDay()
}

func (f *spelling) add(exp int32) {
	f.exps[f.readings] = exp
	f.readings++
}

// takeUnit reads the unit behind the figure. A letter may be one, as in £27m,
// or a measure, as in 100m.
func (f *figure) takeUnit(text string) {
	exp, end := unitAfter(text, f.end)
	if exp == 0 {
		return
	}
	if letter := end == f.end+1; letter {
		f.shift(exp)
		return
	}
	f.unit, f.end = exp, end
	for i := range f.readings {
		f.exps[i] += exp
	}
}

// shift adds readings in a larger unit to those there are.
func (f *figure) shift(exp int32) {
	for _, e := range f.exps[:min(f.readings, 2)] {
		if int(f.readings) < len(f.exps) {
			f.exps[f.readings] = e + exp
			f.readings++
		}
	}
}

// timeOfDay reads the figure as hours, or hours and minutes.
func (f *spelling) timeOfDay() {
	f.minutes = -1
	switch {
	case f.groups == 1 && f.first <= 2 && f.plain <= 24:
		f.minutes = f.plain * 60
	case f.groups == 1 && f.first == 4, f.groups == 2 && f.first <= 2 && f.last == 2:
		hours, minutes := f.plain/100, f.plain%100
		if hours <= 24 && minutes < 60 {
			f.minutes = hours*60 + minutes
			f.timed = f.groups == 2 || f.lead
		}
	}
}

// same tells whether two figures may mean one number or one time of day.
func (f *figure) same(g *figure) bool {
	if f.sig == g.sig {
		for _, a := range f.exps[:f.readings] {
			for _, b := range g.exps[:g.readings] {
				if a == b || f.sig == 0 {
					return true
				}
			}
		}
	}
	return f.minutes >= 0 && g.minutes >= 0 && (f.timed || g.timed) && f.minutes%halfDay == g.minutes%halfDay
}

const halfDay = 12 * 60

// readGroup returns where the digits that begin at i end.
func readGroup(text string, i int) int {
	for {
		_, n := digitAt(text, i)
		if n == 0 {
			return i
		}
		i += n
	}
}

func digitsIn(text string, start, end int) int { return utf8.RuneCountInString(text[start:end]) }

// digitAt returns the digit at i and its bytes, none if there is no digit.
func digitAt(text string, i int) (digit, size int) {
	if i >= len(text) {
		return 0, 0
	}
	b := text[i]
	switch {
	case '0' <= b && b <= '9':
		return int(b - '0'), 1
	case i+1 == len(text):
	case b == 0xD9 && 0xA0 <= text[i+1] && text[i+1] <= 0xA9:
		return int(text[i+1] - 0xA0), 2
	case b == 0xDB && 0xB0 <= text[i+1] && text[i+1] <= 0xB9:
		return int(text[i+1] - 0xB0), 2
	}
	return 0, 0
}

// sepAt returns what may stand between two groups of digits at i, and its bytes.
func sepAt(text string, i int) (sepKind, int) {
	r, n := utf8.DecodeRuneInString(text[i:])
	switch r {
	case '.', ',':
		return comma, n
	case '٫':
		return decimal, n
	case '٬', '،', 0x00A0, 0x202F, ' ':
		return grouper, n
	case ':':
		return clock, n
	}
	return noSep, 0
}
