// Package azuretest is a stand-in for Azure Translator v3 on a loopback port:
// it keeps the published limits, refuses with the published codes, understands
// the dynamic dictionary, answers with a token made from each text, and counts
// what it bills. Faults are planted into the scripted server below it.
package azuretest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"dragoman/translator/backend/jsonhttp/scripted"
)

// Azure's limits (learn.microsoft.com, "Service limits for Azure Translator").
const (
	MaxTexts = 1_000
	MaxSize  = 50_000 // code points, with markup
)

// Options says how the stand-in behaves.
type Options struct {
	Key      string // the only valid one; empty is any
	Region   string // of the resource; empty is a global one
	Minute   int    // code points of one minute, of which there is only one; 0 is no limit
	Quota    int    // of the free tier; 0 is no limit
	Category string // the custom model that there is

	NoBill    bool   // X-Metered-Usage is left out
	NoLengths bool   // sentLen is left out, asked for or not
	System    string // X-MT-System, if not by the request
	Leaky     bool   // the dictionary's markup is left in answers
}

// A Server is running until the end of its test.
type Server struct {
	*scripted.Server
	opts Options

	mu     sync.Mutex
	billed int
}

// New starts a stand-in.
func New(t testing.TB, opts Options) *Server {
	t.Helper()
	s := &Server{opts: opts}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /translate", s.translate)
	s.Server = scripted.New(t, mux)
	return s
}

// Billed returns how many code points were billed.
func (s *Server) Billed() int { s.mu.Lock(); defer s.mu.Unlock(); return s.billed }

// Refusal is a body that Azure refuses with.
func Refusal(code int, message string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":%q}}`, code, message)
}

type refusal struct {
	code    int // six digits, the first three the status
	message string
}

// A text is one of a request's body.
type text struct{ Text string }

func (s *Server) translate(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-RequestId", "TRNS.WEU.1128T0730.0001")
	texts, no := s.read(r)
	if no == nil {
		no = s.pay(texts)
	}
	if no != nil {
		w.WriteHeader(no.code / 1000)
		_, _ = io.WriteString(w, Refusal(no.code, no.message)) // a client that is gone needs none
		return
	}
	system := "Team"
	if r.FormValue("category") != "" {
		system = "Custom"
	}
	if s.opts.System != "" {
		system = s.opts.System
	}
	w.Header().Set("X-MT-System", system)
	if !s.opts.NoBill {
		w.Header().Set("X-Metered-Usage", fmt.Sprint(sizeOf(texts)))
	}
	_ = json.NewEncoder(w).Encode(s.answers(texts, r.FormValue("to"), r.FormValue("includeSentenceLength") == "true"))
}

// read checks a request as Azure does.
func (s *Server) read(r *http.Request) ([]text, *refusal) {
	var texts []text
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	region := r.Header.Get("Ocp-Apim-Subscription-Region")
	switch q := r.URL.Query(); {
	case s.opts.Key != "" && r.Header.Get("Ocp-Apim-Subscription-Key") != s.opts.Key, s.opts.Region != "" && region != s.opts.Region:
		return nil, &refusal{401000, "The request is not authorized because credentials are missing or invalid."}
	case q.Get("api-version") != "3.0":
		return nil, &refusal{400021, "The API version parameter is missing or invalid."}
	case !slices.Contains(languages, q.Get("from")):
		return nil, &refusal{400035, "The source language is not valid."}
	case !slices.Contains(languages, q.Get("to")):
		return nil, &refusal{400036, "The target language is not valid."}
	case q.Get("textType") != "plain":
		return nil, &refusal{400071, "this stand-in takes plain text alone"}
	case !guid.MatchString(q.Get("ClientTraceId")):
		return nil, &refusal{400043, "The client trace ID (ClientTraceId field or X-ClientTranceId header) is missing or invalid."}
	case q.Get("category") != "" && q.Get("category") != s.opts.Category:
		return nil, &refusal{400079, "The custom system requested for translation between from and to language does not exist."}
	case decoder.Decode(&texts) != nil:
		return nil, &refusal{400074, "The body of the request is not valid JSON."}
	case len(texts) == 0 || slices.Contains(texts, text{}):
		return nil, &refusal{400005, "The input text is missing or invalid."}
	case len(texts) > MaxTexts:
		return nil, &refusal{400072, "The array of input text has too many elements."}
	case sizeOf(texts) > MaxSize:
		return nil, &refusal{400077, "The maximum request size has been exceeded."}
	}
	return texts, nil
}

// Some of Azure's languages.
var languages = strings.Fields("ar bg cs de el en es fa fr fr-ca he hi id it ja ko nb nl pl pt pt-pt ro ru sr-Cyrl sr-Latn sv tr uk ur zh-Hans zh-Hant")

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// sizeOf is what texts are counted and billed as.
func sizeOf(texts []text) int {
	size := 0
	for _, t := range texts {
		size += utf8.RuneCountInString(t.Text)
	}
	return size
}

// pay counts texts as billed, if the limits allow.
func (s *Server) pay(texts []text) *refusal {
	size := sizeOf(texts)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.opts.Quota > 0 && s.billed+size > s.opts.Quota:
		return &refusal{403001, "The operation is not allowed because the subscription has exceeded its free quota."}
	case s.opts.Minute > 0 && s.billed+size > s.opts.Minute:
		return &refusal{429001, "The server rejected the request because the client has exceeded request limits."}
	}
	s.billed += size
	return nil
}

var dictionary = regexp.MustCompile(`<mstrans:dictionary translation="([^"]*)">([^<]*)</mstrans:dictionary>`)

// Token is what the service makes of a text: scripted.Token, and what a
// dictionary says of its terms.
func Token(text string) string {
	token := scripted.Token(dictionary.ReplaceAllString(text, "$2"))
	for _, m := range dictionary.FindAllStringSubmatch(text, -1) {
		token += " [" + m[1] + "]"
	}
	return token
}

func (s *Server) answers(texts []text, to string, lengths bool) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		translated := Token(t.Text)
		if s.opts.Leaky {
			translated += " " + dictionary.FindString(t.Text)
		}
		answer := map[string]any{"text": translated, "to": to}
		if lengths && !s.opts.NoLengths {
			n := utf8.RuneCountInString(t.Text)
			answer["sentLen"] = map[string][]int{"srcSentLen": {n / 3, n - n/3}, "transSentLen": {utf8.RuneCountInString(translated)}}
		}
		out[i] = map[string]any{"translations": []any{answer}}
	}
	return out
}
