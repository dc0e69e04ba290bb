package openai_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp/scripted"
	"dragoman/translator/backend/openai/openaitest"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	const text = "أعلنت الوزارة أن 2450 منزلا تضررت من السيول."
	limit := func(words string) string { return openaitest.Refusal(words, "tokens", "rate_limit_exceeded") }
	for _, c := range []struct {
		status int
		body   string
		header http.Header
		kind   translator.Kind
		after  time.Duration
		hint   string
	}{
		{429, limit("Rate limit reached"), http.Header{"Retry-After": {"7"}}, translator.Throttled, 7 * time.Second, ""},
		{429, limit("Rate limit reached"), http.Header{"Retry-After": {"7"}, "Retry-After-Ms": {"6500"}}, translator.Throttled, 6500 * time.Millisecond, ""},
		{429, limit("Rate limit reached"), http.Header{"X-Ratelimit-Remaining-Tokens": {"0"}, "X-Ratelimit-Reset-Tokens": {"1m2s"}}, translator.Throttled, 62 * time.Second, ""},
		{429, limit("Rate limit reached on requests per day (RPD): Limit 200. Please try again in 7m12.5s."), nil, translator.Throttled, 432500 * time.Millisecond, ""},
		{429, limit("Please try again in 9999999h."), nil, translator.Throttled, 0, ""},
		{429, limit("Please try again in 300h."), nil, translator.Throttled, 24 * time.Hour, ""},
		{429, limit("Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000."), nil, translator.TooLarge, 0, "max_output"},
		{429, "", nil, translator.Throttled, 0, ""},
		{429, openaitest.Refusal("You exceeded your current quota", "insufficient_quota", "insufficient_quota"), nil, translator.Exhausted, 0, "credit"},
		{429, openaitest.Refusal("You exceeded your current quota", "insufficient_quota", "project_spend_limit_exceeded"), nil, translator.Exhausted, 0, "spend limit"},
		{429, openaitest.Refusal("The limit is reached", "tokens", "organization_spend_limit_exceeded"), nil, translator.Exhausted, 0, "spend limit"},
		{429, openaitest.Refusal("Your account is not active", "billing_not_active", ""), nil, translator.Exhausted, 0, "credit"},
		{402, `{"error":{"message":"Insufficient Balance","code":402}}`, nil, translator.Exhausted, 0, "credit"},
		{401, openaitest.Refusal("Incorrect API key provided: "+key, "invalid_request_error", "invalid_api_key"), nil, translator.Denied, 0, "DRAGOMAN_BACKENDS_OPENAI_KEY"},
		{403, openaitest.Refusal("Country not supported", "request_forbidden", "unsupported_country_region_territory"), nil, translator.Denied, 0, "run again"},
		{404, openaitest.Refusal("The model `x` does not exist", "invalid_request_error", "model_not_found"), nil, translator.Invalid, 0, "backends.openai.model"},
		{404, "<html>not here</html>", nil, translator.Invalid, 0, "/v1"},
		{400, openaitest.Refusal("This model's maximum context length is 8192 tokens", "invalid_request_error", "context_length_exceeded"), nil, translator.TooLarge, 0, ""},
		{400, `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, nil, translator.TooLarge, 0, ""},
		{400, `{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}`, nil, translator.TooLarge, 0, ""},
		{400, openaitest.Refusal("Invalid parameter: 'response_format' of type 'json_schema' is not supported", "invalid_request_error", ""), nil, translator.Invalid, 0, "backends.openai.plain"},
		{400, openaitest.Refusal("Unsupported parameter: 'max_completion_tokens'", "invalid_request_error", "unsupported_parameter"), nil, translator.Invalid, 0, "backends.openai.plain"},
		{400, openaitest.Refusal("Flagged", "invalid_request_error", "content_policy_violation"), nil, translator.Invalid, 0, "filter"},
		{400, openaitest.Refusal("Flagged: "+text+" is not allowed", "invalid_request_error", "invalid_prompt"), nil, translator.Invalid, 0, "filter"},
		{500, openaitest.Refusal("The server had an error", "server_error", ""), nil, translator.Unavailable, 0, ""},
		{503, openaitest.Refusal("Slow down", "server_error", "slow_down"), http.Header{"Retry-After": {"3"}}, translator.Unavailable, 3 * time.Second, ""},
		{529, "", nil, translator.Unavailable, 0, ""},
	} {
		server.Plant(scripted.Status(c.status, c.body, c.header), 1)
		_, err := b.Translate(t.Context(), ask(text))
		e, ok := errors.AsType[*translator.Error](err)
		if !ok || e.Kind != c.kind || e.After != c.after || !strings.Contains(e.Hint, c.hint) || e.Op != "openai" {
			t.Errorf("%d %s: %v, after %v, hint %q", c.status, c.body, err, e.After, e.Hint)
			continue
		}
		if said := e.Error() + e.Hint; strings.Contains(said, key) || strings.Contains(said, "أعلنت الوزارة") {
			t.Errorf("%d: key or text is shown: %s", c.status, said)
		}
	}
}

// What the stand-in itself refuses is what the driver must not do, or must
// explain.
func TestRefusedByService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts openaitest.Options
		kind translator.Kind
	}{
		"another key":       {openaitest.Options{Key: "sk-other"}, translator.Denied},
		"no such model":     {openaitest.Options{Models: []string{"gpt-9"}}, translator.Invalid},
		"a small window":    {openaitest.Options{Window: 300}, translator.TooLarge},
		"a small allowance": {openaitest.Options{Minute: 300}, translator.TooLarge},
	} {
		_, err := open(t, openaitest.New(t, c.opts), nil).Translate(t.Context(), ask("خبر"))
		if translator.KindOf(err) != c.kind || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingToSend(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	if resp, err := b.Translate(t.Context(), ask()); err != nil || len(resp.Translations) != 0 {
		t.Errorf("no texts: %v, %v", resp, err)
	}
	if _, err := b.Translate(t.Context(), ask("خبر", "\xd8")); !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "text 2 of 2") {
		t.Errorf("%v, want Invalid that names the text", err)
	}
	if server.Count() != 0 {
		t.Errorf("%d requests were sent", server.Count())
	}
}
