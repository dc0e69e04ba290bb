package libretranslate

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// judge sorts the server's refusals by their words, since it has few statuses:
// a limit, a language and a missing key are all 400 (app.py, read in November
// 2026). nil is the usual.
func judge(status int, header http.Header, body []byte) *translator.Error {
	words := strings.ToLower(jsonhttp.Message(body))
	has := func(part string) bool { return strings.Contains(words, part) }
	switch {
	case has("slowdown:"), status == http.StatusTooManyRequests:
		return slowdown(words, header)
	case has("request limits violations"):
		return &translator.Error{Kind: translator.Denied, Hint: "the server has banned this machine for asking too fast: lower requests_per_minute of backends.libretranslate, wait an hour, then run again"}
	case has("api key"):
		return &translator.Error{Kind: translator.Denied} // with the usual hint
	case has("exceeds text limit"):
		return &translator.Error{Kind: translator.TooLarge, Hint: "set text_chars and request_texts of backends.libretranslate to the server's --char-limit and --batch-limit"}
	case has("is not supported") && !has("format is"), has("not available as a target"):
		return &translator.Error{Kind: translator.Unsupported}
	case status == http.StatusInternalServerError && has("cannot translate text"):
		return &translator.Error{Kind: translator.Invalid} // the text's fault: halving finds which one
	}
	return nil
}

// rate is how the server names a limit: "30 per 1 minute".
var rate = regexp.MustCompile(`per (?:1 )?(second|minute|hour|day|month|year)`)

var periods = map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour}

// slowdown tells a limit that passes from one of days. It sends no Retry-After,
// and bans who asks again too soon: the limit's whole period is waited for.
func slowdown(words string, header http.Header) *translator.Error {
	e := jsonhttp.Status(http.StatusTooManyRequests, header)
	e.Hint = "lower requests_per_minute of backends.libretranslate: each text of a request counts"
	m := rate.FindStringSubmatch(words)
	if m == nil || e.After > 0 {
		return e
	}
	period, short := periods[m[1]]
	if !short {
		return &translator.Error{Kind: translator.Exhausted, Hint: "the server's limit for the " + m[1] + " is used up; run again after it"}
	}
	e.After = period
	return e
}
