package deepl

import (
	"net/http"
	"strings"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// judge knows what DeepL's statuses mean beyond the usual (developers.deepl.com,
// "Error handling"); nil is the usual.
func judge(status int, header http.Header, body []byte) *translator.Error {
	e := jsonhttp.Status(status, header)
	switch status {
	case http.StatusBadRequest:
		return badRequest(strings.ToLower(jsonhttp.Message(body)))
	case http.StatusForbidden, http.StatusUnauthorized:
		e.Hint = "check the key in " + jsonhttp.KeySettings(op, "or") + ": one that ends in :fx belongs to https://api-free.deepl.com, any other to https://api.deepl.com; then run again"
	case http.StatusNotFound:
		e.Hint = "check endpoint and glossary: one of them does not exist"
	case 456:
		e.Hint = "the account's characters are used up: raise its limit under Cost control, or wait until its next month begins; then run again"
	case http.StatusTooManyRequests:
		e.Hint = "lower backends.deepl.connections"
	}
	return e
}

// badRequest sorts 400 by its words: it has no finer code.
func badRequest(words string) *translator.Error {
	named := strings.Contains(words, "source_lang") || strings.Contains(words, "target_lang") || strings.Contains(words, "language")
	switch {
	case strings.Contains(words, "formality"):
		return &translator.Error{Kind: translator.Invalid, Hint: "use formality prefer_more or prefer_less: they hold only where the language has it"}
	case strings.Contains(words, "glossary"):
		return &translator.Error{Kind: translator.Invalid, Hint: "check the glossary: it must exist and have this direction"}
	case named && strings.Contains(words, "not supported"):
		return &translator.Error{Kind: translator.Unsupported, Hint: "see developers.deepl.com/docs/getting-started/supported-languages"}
	}
	return &translator.Error{Kind: translator.Invalid}
}
