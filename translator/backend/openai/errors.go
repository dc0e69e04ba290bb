package openai

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// complaint is the body of a refusal. OpenAI's code is a string or null; other
// servers put the status there, or leave out the object around it.
type complaint struct {
	Error struct {
		Type  string `json:"type"`
		Code  any    `json:"code"`
		Param any    `json:"param"`
	} `json:"error"`
}

const plainHint = "if the server does not know json_schema or max_completion_tokens, set backends.openai.plain to true"

// judge knows what OpenAI's refusals mean beyond the usual (developers.openai.com,
// "Error codes"); nil is the usual.
func judge(status int, header http.Header, body []byte) *translator.Error {
	var c complaint
	_ = json.Unmarshal(body, &c) // a body of another form has no codes
	code, _ := c.Error.Code.(string)
	codes := code + " " + c.Error.Type
	words := strings.ToLower(jsonhttp.Message(body))
	switch status {
	case http.StatusPaymentRequired:
		return exhausted()
	case http.StatusTooManyRequests:
		return tooMany(codes, words, header)
	case http.StatusNotFound:
		return notFound(code)
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return badRequest(codes, words)
	}
	return nil
}

func exhausted() *translator.Error {
	return &translator.Error{Kind: translator.Exhausted, Hint: "the account's credit or spend limit is used up: add to it at the service, then run again"}
}

// tooMany parts the two families of 429: an account with nothing left to
// spend, which no wait mends, and a pace that was too fast. A request that is
// larger than a whole minute's tokens never passes.
func tooMany(codes, words string, header http.Header) *translator.Error {
	switch {
	case containsAny(codes, "insufficient_quota", "credit_balance_exhausted", "spend_limit", "usage_limit", "billing"):
		return exhausted()
	case strings.HasPrefix(words, "request too large"):
		return &translator.Error{Kind: translator.TooLarge, Hint: "lower backends.openai.max_output: a request is larger than the account's tokens of a minute"}
	}
	e := jsonhttp.Status(http.StatusTooManyRequests, header)
	if e.After == 0 {
		e.After = tryAgain(words)
	}
	return e
}

// again is how OpenAI says in words what its headers may leave out: "Please try
// again in 1m12.5s."
var again = regexp.MustCompile(`try again in ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)`)

func tryAgain(words string) time.Duration {
	m := again.FindStringSubmatch(words)
	if m == nil {
		return 0
	}
	wait, err := time.ParseDuration(m[1])
	if err != nil {
		return 0
	}
	return min(wait, 24*time.Hour)
}

func notFound(code string) *translator.Error {
	if code == "model_not_found" {
		return &translator.Error{Kind: translator.Invalid, Hint: "check backends.openai.model: the service has no such model, or not for this key"}
	}
	return &translator.Error{Kind: translator.Invalid, Hint: "check backends.openai.endpoint, which often ends in /v1, and model: one of them does not exist"}
}

// badRequest sorts 400 by its code and, as other servers have none, its words.
func badRequest(codes, words string) *translator.Error {
	switch {
	case containsAny(codes, "context_length_exceeded", "exceed_context_size", "string_above_max_length"),
		containsAny(words, "maximum context length", "context size", "context window", "too many tokens"):
		return &translator.Error{Kind: translator.TooLarge}
	case strings.Contains(codes, "model_not_found"):
		return notFound("model_not_found")
	case containsAny(codes, "content_filter", "content_policy_violation", "invalid_prompt"):
		return &translator.Error{Kind: translator.Invalid, Hint: "the service's filter refuses this text; another backend may take it"}
	case containsAny(words, "response_format", "json_schema", "max_completion_tokens", "reasoning_effort"):
		return &translator.Error{Kind: translator.Invalid, Hint: plainHint}
	}
	return &translator.Error{Kind: translator.Invalid}
}

// quoted is how many code points of a text make it known in an error.
const quoted = 16

// withoutTexts cuts a service's message off where it quotes a story: jsonhttp
// cannot know the texts, which are JSON inside of JSON here.
func withoutTexts(err error, texts []string) error {
	e, ok := errors.AsType[*translator.Error](err)
	if !ok || e.Err == nil {
		return err
	}
	words := e.Err.Error()
	for _, text := range texts {
		begin := []rune(text)
		begin = begin[:min(len(begin), quoted)]
		if before, _, found := strings.Cut(words, string(begin)); found && len(begin) == quoted {
			words = before + "[text]"
		}
	}
	if words != e.Err.Error() {
		e.Err = errors.New(words)
	}
	return err
}

func containsAny(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}
