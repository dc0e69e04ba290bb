package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxMistakes is how many mistakes are told in full; a file with more is no
// configuration at all.
const maxMistakes = 50

// A Source is where a value came from; the zero Source is a default.
type Source struct {
	File string
	Line int    // in File, from 1; 0 is the file as a whole
	Env  string // the variable's name
	Flag string // the flag's name, without dashes
}

// String returns "default", "dragoman.yaml:3", "environment DRAGOMAN_TO" or "flag --to".
func (s Source) String() string {
	switch {
	case s.Flag != "":
		return "flag --" + s.Flag
	case s.Env != "":
		return "environment " + s.Env
	case s.Line > 0:
		return s.File + ":" + strconv.Itoa(s.Line)
	case s.File != "":
		return s.File
	}
	return "default"
}

// MarshalText returns String, for JSON.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s Source) rank() int {
	switch {
	case s.Flag != "":
		return 3
	case s.Env != "":
		return 2
	case s.File != "":
		return 1
	}
	return 0
}

func compareSources(a, b Source) int {
	return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Env, b.Env), cmp.Compare(a.Flag, b.Flag))
}

// A Mistake is one thing wrong with the settings. It never holds a secret.
type Mistake struct {
	Source  Source `json:"source"`
	Key     string `json:"key,omitempty"` // as "budget.run_usd"; empty is the file or variable as a whole
	Problem string `json:"problem"`
	Remedy  string `json:"remedy"`
}

// String returns one line: the place, the key, the problem, the remedy. What
// could move a terminal's cursor or turn its text around is taken out.
func (m Mistake) String() string {
	s := m.Problem + "; " + m.Remedy
	if m.Key != "" {
		s = m.Key + ": " + s
	}
	if m.Source != (Source{}) {
		s = m.Source.String() + ": " + s
	}
	return strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

// An Error is all mistakes found, at least one, sorted by place: the file by
// line, then the environment, then the flags.
type Error struct {
	Mistakes []Mistake
	More     int // further mistakes, not told
}

// Error returns a heading and a line for each mistake.
func (e *Error) Error() string {
	var b strings.Builder
	noun := "mistakes"
	if len(e.Mistakes)+e.More == 1 {
		noun = "mistake"
	}
	fmt.Fprintf(&b, "%d %s in the configuration:", len(e.Mistakes)+e.More, noun)
	for _, m := range e.Mistakes {
		b.WriteString("\n  " + m.String())
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\n  and %d more", e.More)
	}
	return b.String()
}

// A list gathers mistakes.
type list struct {
	mistakes []Mistake
	more     int
	bad      map[string]bool // the keys that have one
}

func (l *list) add(at Source, key, problem, remedy string) {
	if l.bad == nil {
		l.bad = map[string]bool{}
	}
	l.bad[key] = true
	if len(l.mistakes) == maxMistakes {
		l.more++
		return
	}
	l.mistakes = append(l.mistakes, Mistake{Source: at, Key: key, Problem: problem, Remedy: remedy})
}

// addWrong adds an error that may be a *wrong.
func (l *list) addWrong(at Source, key string, err error) {
	if w, ok := errors.AsType[*wrong](err); ok {
		l.add(at, key, w.problem, w.remedy)
		return
	}
	l.add(at, key, err.Error(), "check the path and its permissions")
}

// err returns nil, or an *Error of what was gathered.
func (l *list) err() error {
	if len(l.mistakes) == 0 {
		return nil
	}
	slices.SortStableFunc(l.mistakes, func(a, b Mistake) int { return compareSources(a.Source, b.Source) })
	return &Error{Mistakes: l.mistakes, More: l.more}
}
