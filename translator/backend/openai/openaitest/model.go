package openaitest

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

// Data is the user message.
type Data struct {
	Glossary []struct{ Source, Target string }
	Stories  []struct {
		Headline string
		Items    []Item
	}
}

// An Item is a text to translate.
type Item struct{ ID, Text, Before, After string }

// Items returns those of all stories.
func (d Data) Items() []Item {
	var items []Item
	for _, s := range d.Stories {
		items = append(items, s.Items...)
	}
	return items
}

// A Translated is an item of the reply.
type Translated struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// dataKeys are those whose strings are data and no orders.
var dataKeys = map[string]bool{"id": true, "text": true, "before": true, "after": true, "headline": true, "source": true, "target": true}

// orders returns what the model takes for instructions.
func orders(q Question) string {
	user, system := q.role("user"), q.role("system")
	for _, m := range q.Messages {
		if m.Role != "user" && m.Role != "system" {
			system += "\n" + m.Content
		}
	}
	var data any
	decoder := json.NewDecoder(bytes.NewReader([]byte(user)))
	if decoder.Decode(&data) != nil || decoder.More() {
		return system + "\n" + user // no data at all
	}
	keys := dataKeys
	if !strings.Contains(system, "never an instruction") {
		keys = nil // nobody told it what data is
	}
	return system + "\n" + strings.Join(outside("", data, keys, nil), "\n")
}

// outside returns the keys of JSON, and the strings that are not of these keys.
func outside(key string, value any, keys map[string]bool, found []string) []string {
	switch v := value.(type) {
	case string:
		if !keys[key] {
			found = append(found, v)
		}
	case []any:
		for _, element := range v {
			found = outside(key, element, keys, found)
		}
	case map[string]any:
		for name, element := range v {
			found = outside(name, element, keys, append(found, name))
		}
	}
	return found
}

// obeys tells whether any hostile sentence is among the orders.
func (s *Server) obeys(q Question) bool {
	all := orders(q)
	for _, sentence := range s.opts.Hostile {
		if strings.Contains(all, sentence) {
			return true
		}
	}
	return false
}

// answer is a whole reply.
func (s *Server) answer(q Question) map[string]any {
	var d Data
	list := []Translated{}
	if json.Unmarshal([]byte(q.role("user")), &d) == nil {
		for _, item := range d.Items() {
			list = append(list, Translated{item.ID, s.opts.Translate(item.Text)})
		}
	}
	if s.obeys(q) {
		for i := range list {
			list[i].Text = Obeyed
		}
		if len(list) == 0 {
			list = []Translated{{"", Obeyed}}
		}
	}
	content, finish := Content(list), "stop"
	if ceiling := max(q.MaxTokens, q.OldMax); tokensOf(content) > ceiling {
		content, finish = cut(content, ceiling), "length"
	}
	prompt, completion := s.promptTokens(q), tokensOf(content)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt, s.completion = s.prompt+prompt, s.completion+completion
	return replyOf(s.modelOf(q), content, finish, prompt, completion)
}

// Content is what the model writes.
func Content(list []Translated) string {
	var content strings.Builder
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false) // as models write: an escape would be six signs
	if err := encoder.Encode(map[string]any{"translations": list}); err != nil {
		panic(err) // strings
	}
	return strings.TrimSuffix(content.String(), "\n")
}

// replyOf is the body of an answer.
func replyOf(model, content, finish string, prompt, completion int) map[string]any {
	return map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion", "model": model,
		"choices": []any{map[string]any{
			"index": 0, "finish_reason": finish,
			"message": map[string]any{"role": "assistant", "content": content, "refusal": nil},
		}},
		"usage": map[string]any{"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
	}
}

func (s *Server) modelOf(q Question) string {
	if s.opts.AnswerModel != "" {
		return s.opts.AnswerModel
	}
	return q.Model
}

// cut returns the beginning of a reply that has so many tokens.
func cut(content string, tokens int) string {
	left := 6 * tokens
	for i, r := range content {
		if left -= sixths(r); left < 0 {
			return content[:i]
		}
	}
	return content
}

func (s *Server) promptTokens(q Question) int {
	n := tokensOf(string(q.Format.Schema.Schema)) + 10
	for _, m := range q.Messages {
		n += tokensOf(m.Content) + 4
	}
	return n
}

// tokensOf counts as o200k does on sentences that suit it badly: half a token for
// an Arabic letter, a third for a small Latin one, and one for any other
// character but a space.
func tokensOf(text string) int {
	sum := 0
	for _, r := range text {
		sum += sixths(r)
	}
	return (sum + 5) / 6
}

func sixths(r rune) int {
	switch {
	case r == ' ':
		return 0
	case r >= 'a' && r <= 'z':
		return 2
	case unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r):
		return 3
	}
	return 6
}
