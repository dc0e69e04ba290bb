package glossary

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dragoman/translator"
)

// Mistakes is all that is wrong with a file, in the order of its lines.
type Mistakes []Mistake

// A Mistake is one thing that is wrong with a file.
type Mistake struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1
	Problem string `json:"problem"`
	Remedy  string `json:"remedy"`
}

// shown is how many mistakes Error lists: a file in a wrong encoding has one in every line.
const shown = 100

// Error lists the mistakes, one a line.
func (m Mistakes) Error() string {
	if len(m) == 1 {
		return m[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d mistakes", len(m))
	for _, one := range m[:min(len(m), shown)] {
		b.WriteString("\n  " + one.String())
	}
	if len(m) > shown {
		fmt.Fprintf(&b, "\n  and %d more", len(m)-shown)
	}
	return b.String()
}

// String returns "terms.tsv:3: the problem: the remedy".
func (m Mistake) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", m.File, m.Line, m.Problem, m.Remedy)
}

func (f *reader) mistake(line int, problem, remedy string) {
	f.mistakes = append(f.mistakes, Mistake{f.name, line, problem, remedy})
}

// head reads the first line. Whatever is wrong with it, the lines below are read.
func (f *reader) head(fields []string) {
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	f.columns = max(2, len(fields))
	if len(fields) < 2 {
		f.mistake(f.line, "the first line does not name two languages", f.headRemedy())
		return
	}
	file, err := translator.ParseDirection(fields[0], fields[1])
	if err != nil {
		f.mistake(f.line, fmt.Sprintf("the first line names %q and %q, which are not two languages", fields[0], fields[1]), f.headRemedy())
		return
	}
	if !near(file.From, f.dir.From) || !near(file.To, f.dir.To) {
		f.mistake(f.line, fmt.Sprintf("the glossary is for %s, the run is %s", file, f.dir), f.turnRemedy(file))
	}
	if len(fields) > 3 || len(fields) == 3 && !strings.EqualFold(fields[2], "notes") {
		f.mistake(f.line, fmt.Sprintf("the first line has columns besides the languages and notes: %s", strings.Join(fields[2:], ", ")),
			"put everything for people into one third column, notes")
	}
}

func (f *reader) headRemedy() string {
	return fmt.Sprintf("write %s<TAB>%s above the terms", f.dir.From, f.dir.To)
}

func (f *reader) turnRemedy(file translator.Direction) string {
	if near(file.From, f.dir.To) && near(file.To, f.dir.From) {
		return "exchange its first two columns for this run, or give --from and --to the other way round"
	}
	return "name a glossary of the run's languages, or set --from and --to to the glossary's"
}

// near tells whether one tag is the other or says more of it: "ar" and
// "ar-EG" are near, "en-GB" and "en-US" are not.
func near(a, b translator.Lang) bool {
	return a == b || strings.HasPrefix(string(a), string(b)+"-") || strings.HasPrefix(string(b), string(a)+"-")
}

// side checks one side of a term as it is written, and tells whether it can be used.
func (f *reader) side(column, text string) (string, bool) {
	if text == "" {
		f.mistake(f.line, "the "+column+" is empty", "write it, or take the line out")
		return "", false
	}
	for _, r := range text {
		if what := forbidden(r); what != "" {
			f.mistake(f.line, fmt.Sprintf("the %s has %s, U+%04X", column, what, r), "take the character out: type the term anew rather than copying it")
			return "", false
		}
	}
	if n := utf8.RuneCountInString(norm.NFC.String(text)); n > MaxTerm {
		f.mistake(f.line, fmt.Sprintf("the %s has %d characters", column, n), fmt.Sprintf("a term has at most %d: leave the rest of the sentence out", MaxTerm))
		return "", false
	}
	return text, true
}

// forbidden says what is wrong with a character in a term. Such characters are
// not dropped quietly as in a story: in a glossary they are the desk's own, and
// services refuse them. The two joiners are letters' business in Persian and Urdu.
func forbidden(r rune) string {
	switch {
	case r == 0x200C || r == 0x200D:
		return ""
	case unicode.Is(unicode.Bidi_Control, r):
		return "a bidi control"
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return "a control character"
	case unicode.Is(unicode.Cf, r):
		return "an invisible character"
	case unicode.Is(unicode.Co, r), r == utf8.RuneError:
		return "a character that stands for nothing"
	}
	return ""
}
