// Package libretranslatetest is a stand-in for a LibreTranslate server on a
// loopback port: it keeps the limits that a server can be started with, refuses
// in the server's words, does to a translation's end and case what the server's
// formatting does, and counts texts. Faults are planted into the scripted
// server below it.
package libretranslatetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"dragoman/translator/backend/jsonhttp/scripted"
)

// Options says how the stand-in was started. The zero value has no limits.
type Options struct {
	Key        string              // that it asks for; empty is none
	CharLimit  int                 // --char-limit
	BatchLimit int                 // --batch-limit
	TextLimit  int                 // texts until it is too fast, as within a minute; 0 is none
	Languages  []Language          // ar and en both ways, and some others, if nil
	Model      func(string) string // what the model makes of a text, before formatting; scripted.Token if nil
}

// A Language is one that the server has models for.
type Language struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Targets []string `json:"targets"`
}

// A Server is running until the end of its test.
type Server struct {
	*scripted.Server
	opts Options

	mu    sync.Mutex
	texts int
}

// New starts a stand-in.
func New(t testing.TB, opts Options) *Server {
	t.Helper()
	if opts.Languages == nil {
		all := []string{"ar", "en", "fr", "nb", "pb", "zt"}
		for _, code := range all {
			opts.Languages = append(opts.Languages, Language{code, code, all})
		}
	}
	if opts.Model == nil {
		opts.Model = scripted.Token
	}
	s := &Server{opts: opts}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /languages", func(w http.ResponseWriter, _ *http.Request) { scripted.Answer(w, 200, s.opts.Languages) })
	mux.HandleFunc("POST /translate", s.translate)
	s.Server = scripted.New(t, mux)
	return s
}

// Texts returns how many texts were translated.
func (s *Server) Texts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.texts
}

// question is what a request holds.
type question struct {
	Q      []string `json:"q"`
	Source string   `json:"source"`
	Target string   `json:"target"`
	Format string   `json:"format"`
	Key    string   `json:"api_key"`
}

func (s *Server) translate(w http.ResponseWriter, r *http.Request) {
	var q question
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		scripted.Answer(w, 400, map[string]string{"error": "Invalid JSON format"})
		return
	}
	if status, words := s.refusal(q); status != 0 {
		scripted.Answer(w, status, map[string]string{"error": words})
		return
	}
	out := make([]string, len(q.Q))
	for i, text := range q.Q {
		out[i] = format(text, s.opts.Model(text))
	}
	scripted.Answer(w, 200, map[string]any{"translatedText": out})
}

// refusal says what the server refuses, in its order and words, or 0. What it
// does not refuse is counted.
func (s *Server) refusal(q question) (int, string) {
	if s.opts.Key != "" && q.Key != s.opts.Key {
		if q.Key != "" {
			return 403, "Invalid API key"
		}
		return 400, "Please contact the server operator to get an API key"
	}
	if words := s.tooLarge(q.Q); words != "" {
		return 400, words
	}
	if words := s.unknown(q); words != "" {
		return 400, words
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opts.TextLimit > 0 && s.texts+len(q.Q) > s.opts.TextLimit {
		return 429, fmt.Sprintf("Slowdown: %d per 1 minute", s.opts.TextLimit)
	}
	s.texts += len(q.Q)
	return 0, ""
}

func (s *Server) tooLarge(texts []string) string {
	const words = "Invalid request: request (%d) exceeds text limit (%d)"
	if len(texts) == 0 {
		return "Invalid request: missing q parameter"
	}
	if s.opts.BatchLimit > 0 && len(texts) > s.opts.BatchLimit {
		return fmt.Sprintf(words, len(texts), s.opts.BatchLimit)
	}
	for _, text := range texts {
		if n := utf8.RuneCountInString(text); s.opts.CharLimit > 0 && n > s.opts.CharLimit {
			return fmt.Sprintf(words, n, s.opts.CharLimit)
		}
	}
	return ""
}

func (s *Server) unknown(q question) string {
	named := func(code string) int {
		return slices.IndexFunc(s.opts.Languages, func(l Language) bool { return l.Code == code })
	}
	source := named(q.Source)
	switch {
	case source < 0:
		return q.Source + " is not supported"
	case named(q.Target) < 0:
		return q.Target + " is not supported"
	case !slices.Contains(s.opts.Languages[source].Targets, q.Target):
		return fmt.Sprintf("%s (%s) is not available as a target language from %s (%s)", q.Target, q.Target, q.Source, q.Source)
	case q.Format != "text" && q.Format != "html":
		return q.Format + " format is not supported"
	}
	return ""
}

// format does what the server does to a model's output, seen on version 1.6: the
// last mark of the source is put in the place of the translation's, of marks of
// ASCII only, and the case follows the source's cased letters, however few.
func format(source, target string) string {
	if target == "" {
		return source
	}
	const marks = "!?.,;"
	last := source[len(source)-1:]
	if !strings.Contains(marks, last) {
		last = ""
	}
	if !strings.HasSuffix(target, last) || last == "" {
		if strings.Contains(marks, target[len(target)-1:]) {
			target = target[:len(target)-1]
		}
		target += last
	}
	switch upper, lower := cased(source); {
	case lower && !upper:
		return strings.ToLower(target)
	case upper && !lower:
		return strings.ToUpper(target)
	}
	return target
}

func cased(s string) (upper, lower bool) {
	return strings.ContainsFunc(s, unicode.IsUpper), strings.ContainsFunc(s, unicode.IsLower)
}
