package openai_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/backendtest"
	"dragoman/translator/backend/jsonhttp/scripted"
	"dragoman/translator/backend/openai"
	"dragoman/translator/backend/openai/openaitest"
)

const key = "sk-proj-n1ght-desk-0001"

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

func start(t *testing.T) *openaitest.Server {
	return openaitest.New(t, openaitest.Options{Key: key})
}

// open returns a Backend over a stand-in; change may be nil.
func open(t *testing.T, server *openaitest.Server, change func(*openai.Options)) *openai.Backend {
	t.Helper()
	o := &openai.Options{Key: key, Endpoint: server.Endpoint(), Model: "gpt-4.1-mini", Price: 0.4, TargetPrice: 1.6}
	if change != nil {
		change(o)
	}
	b, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	backendtest.CloseAfter(t, b)
	return b
}

func ask(texts ...string) translator.Request {
	return translator.Request{Direction: arEn, Texts: texts}
}

// terms is a glossary of the desk.
var terms = &translator.Glossary{Direction: arEn, Digest: "0a1b2c3d4e5f", Terms: []translator.Term{
	{Source: "البنك المركزي", Target: "Central Bank"}, {Source: "وزارة الطاقة", Target: "Ministry of Energy"},
}}

func TestBackend(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*openai.Options){
		"Default": nil,
		"All": func(o *openai.Options) {
			o.Model, o.Context, o.Glossary, o.Style = "gpt-5-mini", true, terms, "Short sentences."
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backendtest.Run(t, harness(change))
		})
	}
}

func harness(change func(*openai.Options)) backendtest.Harness {
	fault := func(f scripted.Fault) backendtest.Fault {
		return func(t *testing.T, times int) translator.Backend {
			server := start(t)
			server.Plant(f, times)
			return open(t, server, change)
		}
	}
	refuse := func(status int, message, kind, code string) backendtest.Fault {
		return fault(scripted.Status(status, openaitest.Refusal(message, kind, code), nil))
	}
	return backendtest.Harness{
		New:     func(t *testing.T) translator.Backend { return open(t, start(t), change) },
		Secrets: []string{key},
		Faults: backendtest.Faults{
			Throttled:   refuse(429, "Rate limit reached for requests. Please try again in 20ms.", "requests", "rate_limit_exceeded"),
			Exhausted:   refuse(429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"),
			Denied:      refuse(401, "Incorrect API key provided: "+key, "invalid_request_error", "invalid_api_key"),
			Invalid:     refuse(400, "Invalid type for 'messages'.", "invalid_request_error", ""),
			TooLarge:    refuse(400, "This model's maximum context length is 8192 tokens.", "invalid_request_error", "context_length_exceeded"),
			Unavailable: refuse(503, "The engine is currently overloaded, please try again later", "server_error", ""),
			Broken:      fault(scripted.Reset(90, nil)),
			Garbage:     fault(content(func(string) string { return "Sure! Here are the translations:" })),
			Short:       fault(list(func(l []openaitest.Translated) []openaitest.Translated { return l[1:] })),
			Long: fault(list(func(l []openaitest.Translated) []openaitest.Translated {
				return append(l, openaitest.Translated{ID: "surplus", Text: "x"})
			})),
			Empty: fault(list(func(l []openaitest.Translated) []openaitest.Translated { l[0].Text = " "; return l })),
			Hang:  fault(scripted.Hang()),
		},
	}
}

// reply changes a reply.
func reply(change func(choice, whole map[string]any)) scripted.Fault {
	return scripted.RewriteJSON(func(whole map[string]any) map[string]any {
		change(whole["choices"].([]any)[0].(map[string]any), whole)
		return whole
	})
}

// content changes what the model wrote.
func content(change func(string) string) scripted.Fault {
	return reply(func(choice, _ map[string]any) {
		message := choice["message"].(map[string]any)
		message["content"] = change(message["content"].(string))
	})
}

// list changes the translations that the model wrote.
func list(change func([]openaitest.Translated) []openaitest.Translated) scripted.Fault {
	return content(func(text string) string {
		var c struct{ Translations []openaitest.Translated }
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			panic(err)
		}
		return openaitest.Content(change(c.Translations))
	})
}

// sent returns the last request's body and the data in it.
func sent(t *testing.T, server *openaitest.Server) (openaitest.Question, openaitest.Data) {
	t.Helper()
	requests := server.Requests()
	var q openaitest.Question
	var d openaitest.Data
	if err := json.Unmarshal(requests[len(requests)-1].Body, &q); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(q.Messages[1].Content), &d); err != nil {
		t.Fatal(err)
	}
	return q, d
}

func TestRequestAsSent(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, func(o *openai.Options) {
		o.Style, o.UserAgent, o.Glossary = "Numbers below ten in words.", "night-desk", terms
	})
	texts := []string{"رفع البنك المركزي سعر الفائدة.", `قال "نعم" <R&D>`, "رفع البنك المركزي سعر الفائدة."}
	resp, err := b.Translate(t.Context(), ask(texts...))
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if got := resp.Translations[i].Text; got != scripted.Token(text) {
			t.Errorf("text %d: %q", i, got)
		}
	}
	q, d := sent(t, server)
	system, user := q.Messages[0].Content, q.Messages[1].Content
	if len(q.Messages) != 2 || q.Messages[0].Role != "system" || q.Messages[1].Role != "user" {
		t.Errorf("messages %+v", q.Messages)
	}
	for _, want := range []string{"from ar to en", "Style of this desk: Numbers below ten in words."} {
		if !strings.Contains(system, want) {
			t.Errorf("the system message lacks %q", want)
		}
	}
	if strings.Contains(system, "البنك") || !strings.Contains(user, `قال \"نعم\" <R&D>`) {
		t.Errorf("user message %s", user)
	}
	if len(d.Glossary) != 1 || d.Glossary[0].Target != "Central Bank" {
		t.Errorf("glossary %+v", d.Glossary)
	}
	if q.Model != "gpt-4.1-mini" || q.Temperature == nil || *q.Temperature != 0 || q.Effort != "" {
		t.Errorf("%s, temperature %v, effort %q", q.Model, q.Temperature, q.Effort)
	}
	prompt, completion := server.Billed()
	if resp.Billed != prompt || resp.BilledTarget != completion || completion == 0 || resp.Signature != "" {
		t.Errorf("billed %d and %d, the service says %d and %d; signature %q", resp.Billed, resp.BilledTarget, prompt, completion, resp.Signature)
	}
	if agent := server.Requests()[0].Header.Get("User-Agent"); agent != "night-desk" {
		t.Errorf("user agent %q", agent)
	}
}

// The beginning of a request does not depend on its texts, so that services
// which remember prompts by their beginning can.
func TestPrefixIsStable(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, func(o *openai.Options) { o.Glossary, o.Context = terms, true })
	for _, text := range []string{"خبر أول", "رفع البنك المركزي سعر الفائدة."} {
		req := ask(text)
		req.Contexts = []translator.Context{{Story: text, Headline: "عنوان " + text}}
		if _, err := b.Translate(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	requests := server.Requests()
	before := func(body []byte) string {
		head, _, _ := strings.Cut(string(body), `"role":"user"`)
		return head
	}
	if a, b := before(requests[0].Body), before(requests[1].Body); a != b || len(a) < 1000 {
		t.Errorf("%s\n%s", a, b)
	}
}

// A server that knows less is told of in one clear line, and asked otherwise.
func TestPlain(t *testing.T) {
	t.Parallel()
	server := openaitest.New(t, openaitest.Options{Old: true})
	_, err := open(t, server, nil).Translate(t.Context(), ask("خبر"))
	if !errors.Is(err, translator.Invalid) || !strings.Contains(translator.HintOf(err), "backends.openai.plain") {
		t.Errorf("%v, hint %q", err, translator.HintOf(err))
	}
	resp, err := open(t, server, func(o *openai.Options) { o.Plain, o.Key = true, "" }).Translate(t.Context(), ask("خبر"))
	if err != nil || resp.Translations[0].Text != scripted.Token("خبر") {
		t.Errorf("%+v, %v", resp, err)
	}
	if q, _ := sent(t, server); q.OldMax == 0 || q.Format.Type != "json_object" {
		t.Errorf("%+v", q)
	}
}
