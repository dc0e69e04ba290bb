package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lines of a hard-wrapped text are at most this many characters long, and the
// longest of them at least that many. Bytes are counted too, for fillers that do.
const (
	maxWrap = 100
	minWrap = 40
)

// paragraphs joins lines to paragraphs.
//
// An empty line always ends a paragraph, and a crosshead or a line of desk
// initials is one of its own. Other lines are paragraphs too, unless the text
// shows that it was wrapped. That takes all of this:
//
//   - no line is longer than maxWrap characters, the longest at least minWrap;
//   - at least nine in ten inner lines (those with another line after them in
//     their group) are full: the first word of the next line would not have fitted
//     into the longest line's width. That is what every filler leaves behind,
//     and what lines of a list do only by chance;
//   - fewer than half of the inner lines end a sentence, and at least half of
//     the groups' last lines do;
//   - two inner lines at least, for one proves nothing.
//
// In a script with capitals there is a shorter proof: more than half of the
// lines that follow another begin with a small letter.
//
// In wrapped text a line that begins two or more spaces further in than the
// others, or with a tab, begins a paragraph, and so does a line after one that
// is not full and ends a sentence. Lines are joined with one space; a hyphen at
// a line's end stays.
func paragraphs(lines []string) []string {
	groups := groupLines(lines)
	w, wrapped := measure(groups)
	var out []string
	for _, g := range groups {
		if !wrapped {
			for _, line := range g {
				out = append(out, line.text)
			}
			continue
		}
		out = append(out, w.join(g)...)
	}
	return out
}

// A textLine is a line that is not empty, without the white space around it.
type textLine struct {
	text   string
	indent int
}

// groupLines splits lines at empty ones and around those that stand alone.
func groupLines(lines []string) [][]textLine {
	var groups [][]textLine
	var group []textLine
	flush := func() {
		if len(group) > 0 {
			groups, group = append(groups, group), nil
		}
	}
	for _, line := range lines {
		text := strings.TrimSpace(line)
		switch {
		case text == "":
			flush()
		case standsAlone(text):
			flush()
			groups = append(groups, []textLine{{text: text}})
		default:
			group = append(group, textLine{text, indentOf(line)})
		}
	}
	flush()
	return groups
}

func indentOf(line string) int {
	n := 0
	for _, r := range line {
		switch r {
		case ' ', '\u00a0':
			n++
		case '\t':
			n += 4
		default:
			return n
		}
	}
	return n
}

// A filling is how a wrapped text was filled.
type filling struct {
	width  int
	length func(string) int
	indent int // of the lines that continue a paragraph
}

// measure decides whether a text was wrapped, and how.
func measure(groups [][]textLine) (filling, bool) {
	inner, longest := 0, 0
	for _, g := range groups {
		inner += len(g) - 1
		for _, line := range g {
			longest = max(longest, len(line.text))
		}
	}
	if inner == 0 || longest > maxWrap*utf8.UTFMax {
		return filling{}, false
	}
	for _, length := range []func(string) int{columns, byteLen} {
		w := filling{length: length, indent: smallestIndent(groups)}
		w.setWidth(groups)
		if w.width >= minWrap && w.width <= maxWrap && w.proves(groups) {
			return w, true
		}
	}
	return filling{}, false
}

func byteLen(s string) int { return len(s) }

// columns counts the characters of a line that take a place on the screen.
func columns(s string) int {
	n := 0
	for _, r := range s {
		if r < utf8.RuneSelf || !unicode.In(r, unicode.Mn, unicode.Cf) {
			n++
		}
	}
	return n
}

func smallestIndent(groups [][]textLine) int {
	least := -1
	for _, g := range groups {
		for i, line := range g {
			if len(g) > 1 && i > 0 && (least < 0 || line.indent < least) {
				least = line.indent
			}
		}
	}
	return max(least, 0)
}

func (w *filling) setWidth(groups [][]textLine) {
	for _, g := range groups {
		if len(g) > 1 {
			for _, line := range g {
				w.width = max(w.width, w.length(line.text))
			}
		}
	}
}

// proves counts the evidence that paragraphs documents.
func (w *filling) proves(groups [][]textLine) bool {
	var inner, full, stops, lasts, lastStops, small int
	for _, g := range groups {
		if len(g) < 2 {
			continue
		}
		for i, line := range g[:len(g)-1] {
			next := g[i+1]
			if w.begins(next) {
				continue
			}
			inner++
			full += count(w.full(line, next, w.width))
			stops += count(endsSentence(line.text))
			small += count(beginsSmall(next.text))
		}
		lasts++
		lastStops += count(endsSentence(g[len(g)-1].text))
	}
	if small*2 > inner {
		return true
	}
	return inner >= 2 && full*10 >= inner*9 && stops*2 < inner && lastStops*2 >= lasts
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// begins tells a line that its indent makes the first of a paragraph.
func (w *filling) begins(line textLine) bool { return line.indent >= w.indent+2 }

// full tells whether the first word of next would have passed the width. An
// indent may or may not have counted when the text was filled: it may here.
func (w *filling) full(line, next textLine, width int) bool {
	word, _, _ := strings.Cut(next.text, " ")
	return w.length(line.text)+max(line.indent-w.indent, 0)+1+w.length(word) > width
}

// join makes paragraphs of the lines of a group. A line well short of the
// width ends one: whoever filled the text had room for the next word.
func (w *filling) join(group []textLine) []string {
	var out []string
	for i, line := range group {
		if i == 0 || w.begins(line) || w.ends(group[i-1], line) {
			out = append(out, line.text)
			continue
		}
		out[len(out)-1] += " " + line.text
	}
	return out
}

func (w *filling) ends(line, next textLine) bool {
	if w.full(line, next, w.width) || beginsSmall(next.text) {
		return false
	}
	return endsSentence(line.text) || !w.full(line, next, w.width*3/4)
}

// endsSentence tells whether a text ends with a stop, maybe inside quotes or brackets.
func endsSentence(text string) bool {
	text = strings.TrimRight(text, "\"'”’»›)] \u200e\u200f\u00a0")
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".!?؟…۔", last) && text != ""
}

func beginsSmall(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(r)
}
