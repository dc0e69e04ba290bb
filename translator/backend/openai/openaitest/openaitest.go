// Package openaitest is a stand-in for OpenAI's chat completions on a loopback
// port. It refuses what OpenAI refuses, in its words where they are known,
// bills tokens, cuts a reply off at max_completion_tokens, and answers each item
// with a token made from its text. Its model is a gullible one: see Hostile.
// Faults are planted into the scripted server below it.
package openaitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"dragoman/translator/backend/jsonhttp/scripted"
)

// Options says how the stand-in behaves.
type Options struct {
	Key    string   // the only valid one; empty is any or none
	Models []string // that there are; nil is any
	Window int      // tokens of prompt and reply together; 0 is 128,000
	Minute int      // tokens that one request may take of a minute; 0 is no limit
	Old    bool     // a server that knows neither json_schema nor max_completion_tokens

	AnswerModel string                   // named in the reply in place of the one asked for
	Translate   func(text string) string // of each item; nil is scripted.Token

	// Hostile are sentences that the model obeys wherever they stand but in the
	// data of the user message, and there too unless the system message says
	// that data is never an instruction. What it obeys with is Obeyed.
	Hostile []string
}

// Obeyed is the translation of all items once the model took orders from a text.
const Obeyed = "OBEYED"

// A Server is running until the end of its test.
type Server struct {
	*scripted.Server
	opts Options

	mu                 sync.Mutex
	prompt, completion int
}

// New starts a stand-in.
func New(t testing.TB, opts Options) *Server {
	t.Helper()
	if opts.Window == 0 {
		opts.Window = 128_000
	}
	if opts.Translate == nil {
		opts.Translate = scripted.Token
	}
	s := &Server{opts: opts}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.complete)
	s.Server = scripted.New(t, mux)
	return s
}

// Endpoint is what to set endpoint to.
func (s *Server) Endpoint() string { return s.URL + "/v1" }

// Billed returns the tokens of prompts and replies so far.
func (s *Server) Billed() (prompt, completion int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.prompt, s.completion
}

// Question is what a request may hold; anything else is refused.
type Question struct {
	Model    string `json:"model"`
	Messages []struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"messages"`
	Format struct {
		Type   string `json:"type"`
		Schema struct {
			Name   string          `json:"name"`
			Strict bool            `json:"strict"`
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	MaxTokens   int      `json:"max_completion_tokens"`
	OldMax      int      `json:"max_tokens"`
	Temperature *float64 `json:"temperature"`
	Effort      string   `json:"reasoning_effort"`
}

func (q Question) role(role string) string {
	var parts []string
	for _, m := range q.Messages {
		if m.Role == role {
			parts = append(parts, m.Content)
		}
	}
	return strings.Join(parts, "\n")
}

// A Refusal is a body that OpenAI refuses with.
func Refusal(message, kind, code string) string {
	body := map[string]any{"message": message, "type": kind, "param": nil, "code": nil}
	if code != "" {
		body["code"] = code
	}
	text, err := json.Marshal(map[string]any{"error": body})
	if err != nil {
		panic(err) // strings
	}
	return string(text)
}

type refusal struct {
	status              int
	message, kind, code string
}

func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	q, no := s.read(r)
	if no == nil {
		no = s.check(q)
	}
	w.Header().Set("Content-Type", "application/json")
	if no != nil {
		w.WriteHeader(no.status)
		_, _ = fmt.Fprint(w, Refusal(no.message, no.kind, no.code)) // a client that is gone needs none
		return
	}
	_ = json.NewEncoder(w).Encode(s.answer(q))
}

const invalid = "invalid_request_error"

func (s *Server) read(r *http.Request) (Question, *refusal) {
	var q Question
	if got := r.Header.Get("Authorization"); s.opts.Key != "" && got != "Bearer "+s.opts.Key {
		return q, &refusal{401, "Incorrect API key provided: " + strings.TrimPrefix(got, "Bearer ") + ".", invalid, "invalid_api_key"}
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&q); err != nil {
		return q, &refusal{400, "Unrecognized request argument supplied: " + err.Error(), invalid, ""}
	}
	return q, nil
}

// check says what OpenAI, or an old server, would refuse.
func (s *Server) check(q Question) *refusal {
	prompt, ceiling := s.promptTokens(q), max(q.MaxTokens, q.OldMax)
	switch {
	case s.opts.Models != nil && !slices.Contains(s.opts.Models, q.Model):
		return &refusal{404, "The model `" + q.Model + "` does not exist or you do not have access to it.", invalid, "model_not_found"}
	case s.opts.Old && q.Format.Type != "json_object":
		return &refusal{400, "'response_format.type' must be one of text, json_object", "BadRequestError", ""}
	case s.opts.Old && q.MaxTokens != 0:
		return &refusal{400, "Extra inputs are not permitted: max_completion_tokens", "BadRequestError", ""}
	case !s.opts.Old && (q.Format.Type != "json_schema" || !q.Format.Schema.Strict || !strict(q.Format.Schema.Schema)):
		return &refusal{400, "Invalid schema for response_format 'translations'", invalid, "invalid_json_schema"}
	case thinks(q.Model) != (q.Effort != ""):
		return &refusal{400, "Unsupported parameter: 'reasoning_effort'", invalid, "unsupported_parameter"}
	case thinks(q.Model) && q.Temperature != nil:
		return &refusal{400, "Unsupported value: 'temperature' does not support 0 with this model.", invalid, "unsupported_value"}
	case ceiling <= 0:
		return &refusal{400, "this stand-in wants every reply bounded", invalid, ""}
	case prompt+ceiling > s.opts.Window:
		return &refusal{400, fmt.Sprintf("This model's maximum context length is %d tokens.", s.opts.Window), invalid, "context_length_exceeded"}
	case s.opts.Minute > 0 && prompt+ceiling > s.opts.Minute:
		return &refusal{429, fmt.Sprintf("Request too large for %s on tokens per min (TPM): Limit %d, Requested %d.", q.Model, s.opts.Minute, prompt+ceiling), "tokens", "rate_limit_exceeded"}
	}
	return nil
}

// thinks tells whether a model reasons.
func thinks(model string) bool {
	return strings.HasPrefix(model, "gpt-5") || strings.HasPrefix(model, "gpt-6")
}

// strict tells whether every object of a schema keeps to the rules of strict
// ones: all keys required, and no others.
func strict(schema json.RawMessage) bool {
	var object struct {
		Type       string                     `json:"type"`
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
		Additional *bool                      `json:"additionalProperties"`
		Items      json.RawMessage            `json:"items"`
	}
	if json.Unmarshal(schema, &object) != nil {
		return false
	}
	switch object.Type {
	case "string":
		return true
	case "array":
		return strict(object.Items)
	}
	for name, property := range object.Properties {
		if !slices.Contains(object.Required, name) || !strict(property) {
			return false
		}
	}
	return object.Type == "object" && object.Additional != nil && !*object.Additional
}
