// Package deepltest is a stand-in for DeepL's API on a loopback port: it keeps
// the published limits, refuses what DeepL refuses in DeepL's words where they
// are known, answers with a token made from each text, and counts what would
// have been billed. Faults are planted into the scripted server below it.
package deepltest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"dragoman/translator/backend/jsonhttp/scripted"
)

// DeepL's limits (developers.deepl.com, "Translating large volumes").
const (
	MaxTexts = 50
	MaxBody  = 128 << 10 // bytes
)

// GlossaryMark begins every answer that went through a glossary, and no other.
const GlossaryMark = "[glossary] "

// Options says how the stand-in behaves.
type Options struct {
	Key         string // the only valid one; empty is any
	CharLimit   int    // of the account; 0 is none
	NoGlossary  string // the languages that glossaries cannot have, as "ar"
	NoBill      bool   // billed_characters is left out
	AnswerModel string // named in place of the one asked for
}

// A Server is running until the end of its test.
type Server struct {
	*scripted.Server
	opts Options

	mu         sync.Mutex
	billed     int
	texts      int
	glossaries []Glossary
}

// A Glossary is one of the account.
type Glossary struct {
	ID           string       `json:"glossary_id"`
	Name         string       `json:"name"`
	Dictionaries []Dictionary `json:"dictionaries"`
}

// A Dictionary is a glossary's part for one direction.
type Dictionary struct {
	SourceLang string `json:"source_lang"`
	TargetLang string `json:"target_lang"`
	Entries    string `json:"entries,omitempty"`
	Format     string `json:"entries_format,omitempty"`
	Count      int    `json:"entry_count"`
}

// New starts a stand-in.
func New(t testing.TB, opts Options) *Server {
	t.Helper()
	s := &Server{opts: opts}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/translate", s.translate)
	mux.HandleFunc("GET /v3/glossaries", s.listGlossaries)
	mux.HandleFunc("POST /v3/glossaries", s.makeGlossary)
	s.Server = scripted.New(t, s.guard(mux))
	return s
}

// Billed returns how many code points were billed, Texts how many texts.
func (s *Server) Billed() int { s.mu.Lock(); defer s.mu.Unlock(); return s.billed }

// Texts returns how many texts were translated.
func (s *Server) Texts() int { s.mu.Lock(); defer s.mu.Unlock(); return s.texts }

// Glossaries returns those of the account.
func (s *Server) Glossaries() []Glossary {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.glossaries)
}

// guard checks what DeepL checks of every request.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "DeepL-Auth-Key ")
		if !ok || s.opts.Key != "" && key != s.opts.Key {
			refuse(w, http.StatusForbidden, "Authorization failed")
			return
		}
		if r.Method == http.MethodPost && r.Header.Get("Content-Type") != "application/json" {
			refuse(w, http.StatusUnsupportedMediaType, "Unsupported media type")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, status int, message string) {
	scripted.Answer(w, status, map[string]string{"message": message})
}

// question is what a request may hold; anything else is refused.
type question struct {
	Text       []string `json:"text"`
	Source     string   `json:"source_lang"`
	Target     string   `json:"target_lang"`
	Context    string   `json:"context"`
	ShowBilled bool     `json:"show_billed_characters"`
	Split      string   `json:"split_sentences"`
	Preserve   bool     `json:"preserve_formatting"`
	Formality  string   `json:"formality"`
	Model      string   `json:"model_type"`
	GlossaryID string   `json:"glossary_id"`
}

func (s *Server) translate(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var q question
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	switch {
	case len(body) > MaxBody:
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	case err != nil || decoder.Decode(&q) != nil:
		refuse(w, http.StatusBadRequest, "Invalid JSON in request body.")
		return
	}
	if wrong := s.wrong(q); wrong != "" {
		refuse(w, http.StatusBadRequest, wrong)
		return
	}
	if !s.pay(q.Text) {
		refuse(w, 456, "Quota Exceeded")
		return
	}
	scripted.Answer(w, http.StatusOK, map[string]any{"translations": s.translations(q)})
}

// wrong says what DeepL would refuse, or "".
func (s *Server) wrong(q question) string {
	switch {
	case len(q.Text) == 0:
		return "Parameter 'text' not specified."
	case len(q.Text) > MaxTexts:
		return "Too many texts in request."
	case !slices.Contains(targets, q.Target):
		return "Value for 'target_lang' not supported."
	case q.Source != "" && !slices.Contains(sources, q.Source):
		return "Value for 'source_lang' not supported."
	case (q.Formality == "more" || q.Formality == "less") && !slices.Contains(formal, q.Target):
		return "'formality' is not supported for given 'target_lang'."
	case q.GlossaryID != "" && q.Source == "":
		return "Use of a glossary requires the source_lang parameter to be specified."
	case q.GlossaryID != "" && !s.has(q):
		return "Invalid or missing glossary ID, or its languages do not match."
	}
	return ""
}

// Some of DeepL's languages.
var (
	sources = strings.Fields("AR BG CS DA DE EL EN ES FI FR HE ID IT JA KO NB NL PL PT RO RU SV TR UK ZH")
	targets = strings.Fields("AR BG CS DA DE EL EN-GB EN-US ES ES-419 FI FR HE ID IT JA KO NB NL PL PT-BR PT-PT RO RU SV TR UK ZH-HANS ZH-HANT")
	formal  = strings.Fields("DE FR IT ES ES-419 NL PL PT-BR PT-PT JA RU")
)

func (s *Server) has(q question) bool {
	target, _, _ := strings.Cut(strings.ToLower(q.Target), "-")
	for _, g := range s.Glossaries() {
		for _, d := range g.Dictionaries {
			if g.ID == q.GlossaryID && d.SourceLang == strings.ToLower(q.Source) && d.TargetLang == target {
				return true
			}
		}
	}
	return false
}

// pay counts texts as billed, if the account's limit allows.
func (s *Server) pay(texts []string) bool {
	size := 0
	for _, text := range texts {
		size += utf8.RuneCountInString(text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opts.CharLimit > 0 && s.billed+size > s.opts.CharLimit {
		return false
	}
	s.billed += size
	s.texts += len(texts)
	return true
}

func (s *Server) translations(q question) []map[string]any {
	out := make([]map[string]any, len(q.Text))
	for i, text := range q.Text {
		translated := scripted.Token(text)
		if q.GlossaryID != "" {
			translated = GlossaryMark + translated
		}
		out[i] = map[string]any{"detected_source_language": q.Source, "text": translated}
		if q.ShowBilled && !s.opts.NoBill {
			out[i]["billed_characters"] = utf8.RuneCountInString(text)
		}
		if q.Model != "" {
			out[i]["model_type_used"] = q.Model
			if s.opts.AnswerModel != "" {
				out[i]["model_type_used"] = s.opts.AnswerModel
			}
		}
	}
	return out
}

func (s *Server) listGlossaries(w http.ResponseWriter, _ *http.Request) {
	scripted.Answer(w, http.StatusOK, map[string]any{"glossaries": s.Glossaries()})
}

func (s *Server) makeGlossary(w http.ResponseWriter, r *http.Request) {
	var g Glossary
	if err := json.NewDecoder(r.Body).Decode(&g); err != nil || g.Name == "" || len(g.Dictionaries) == 0 {
		refuse(w, http.StatusBadRequest, "Invalid glossary")
		return
	}
	for i, d := range g.Dictionaries {
		if no := s.opts.NoGlossary; d.SourceLang == no || d.TargetLang == no {
			refuse(w, http.StatusBadRequest, "Unsupported glossary source and target language pair")
			return
		}
		if d.Entries == "" || d.Format != "tsv" {
			refuse(w, http.StatusBadRequest, "Missing or invalid argument: entries")
			return
		}
		g.Dictionaries[i].Count = strings.Count(d.Entries, "\n")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g.ID = fmt.Sprintf("def3a26b-%04d", len(s.glossaries)+1)
	s.glossaries = append(s.glossaries, g)
	scripted.Answer(w, http.StatusCreated, g)
}
