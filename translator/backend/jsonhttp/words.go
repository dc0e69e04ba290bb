package jsonhttp

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMessage bounds in code points what is quoted of a message from outside.
const maxMessage = 300

// Message returns what the body of a refusal says: the "message", "error" or
// "detail" of a JSON object, looked for one object deeper too, or the body
// itself. It is as the service wrote it; errors of a Client quote it cleaned.
func Message(body []byte) string {
	var object map[string]any
	if json.Unmarshal(body, &object) == nil {
		if found := messageIn(object); found != "" {
			return found
		}
	}
	text := strings.TrimSpace(string(body))
	if strings.HasPrefix(text, "<") {
		return "(a web page)"
	}
	return text
}

func messageIn(object map[string]any) string {
	for _, key := range [...]string{"message", "error", "detail"} {
		switch value := object[key].(type) {
		case string:
			if detail, ok := object["detail"].(string); ok && key == "message" {
				return value + " (" + detail + ")" // DeepL's
			}
			return value
		case map[string]any:
			return messageIn(value)
		}
	}
	return ""
}

// clean makes a message from outside fit for an error: one line, without
// control characters, bounded, without secrets, and without the texts of the
// stories, which have no place in a log.
func (c *Client) clean(message string, texts []string) string {
	for _, secret := range c.secrets() {
		if secret != "" {
			message = strings.ReplaceAll(message, secret, "[secret]")
		}
	}
	for _, text := range texts {
		message = strings.ReplaceAll(message, text, "[text]")
	}
	message = strings.ToValidUTF8(message, "\uFFFD")
	message = strings.Join(strings.FieldsFunc(message, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)
	}), " ")
	if message == "" {
		return "no reason given"
	}
	if utf8.RuneCountInString(message) > maxMessage {
		message = string([]rune(message)[:maxMessage]) + "…"
	}
	return message
}

// textsOf returns the strings of a request that are sentences: those with a
// space, so that the names of settings can still be quoted; the longest first,
// as one may be part of another.
func textsOf(body []byte) []string {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil
	}
	found := sentences(value, nil)
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return found
}

func sentences(value any, found []string) []string {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, " ") {
			found = append(found, v)
		}
	case []any:
		for _, item := range v {
			found = sentences(item, found)
		}
	case map[string]any:
		for _, item := range v {
			found = sentences(item, found)
		}
	}
	return found
}
