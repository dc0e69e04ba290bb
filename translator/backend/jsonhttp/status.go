package jsonhttp

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dragoman/translator"
)

// Status is the table: what a status beyond 2xx means where a driver knows
// nothing better. Only 500 and 504 leave open whether the work was done and
// billed: the service failed in the midst of it, or a gateway did not wait. A
// 502, 503 or 529 says that nobody took the request.
func Status(status int, header http.Header) *translator.Error {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusProxyAuthRequired:
		return &translator.Error{Kind: translator.Denied}
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return &translator.Error{Kind: translator.Invalid, Hint: "check endpoint: the service does not know this address"}
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong:
		return &translator.Error{Kind: translator.TooLarge}
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return &translator.Error{Kind: translator.Throttled, After: After(header, time.Now())}
	case 456: // DeepL's; nobody else has it
		return &translator.Error{Kind: translator.Exhausted}
	case http.StatusInternalServerError, http.StatusGatewayTimeout:
		return &translator.Error{Kind: translator.Unavailable, MaybePaid: true, After: After(header, time.Now())}
	}
	if status >= 500 {
		return &translator.Error{Kind: translator.Unavailable, After: After(header, time.Now())}
	}
	return &translator.Error{Kind: translator.Invalid}
}

// longest bounds what a service can ask for, so that no sum of times overflows;
// package backend waits far less than that.
const longest = 24 * time.Hour

// After returns how long the header asks to wait, at most a day, or 0 where it
// does not say, or nothing that makes sense. It knows Retry-After in seconds
// and as a date (RFC 9110, 10.2.3), Azure's and OpenAI's retry-after-ms, and the
// latest of OpenAI's x-ratelimit-reset-*, as "6m0s", whose remaining is 0.
func After(header http.Header, now time.Time) time.Duration {
	if ms, ok := number(header.Get("Retry-After-Ms"), time.Millisecond); ok {
		return ms
	}
	value := strings.TrimSpace(header.Get("Retry-After"))
	if s, ok := number(value, time.Second); ok {
		return s
	}
	if date, err := http.ParseTime(value); err == nil {
		return bound(date.Sub(now))
	}
	var after time.Duration
	for _, what := range [...]string{"Requests", "Tokens"} {
		if header.Get("X-Ratelimit-Remaining-"+what) == "0" {
			if d, err := time.ParseDuration(header.Get("X-Ratelimit-Reset-" + what)); err == nil {
				after = max(after, bound(d))
			}
		}
	}
	return after
}

func number(value string, unit time.Duration) (time.Duration, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsNaN(n) {
		return 0, false
	}
	return time.Duration(min(max(n, 0)*float64(unit), float64(longest))), true
}

func bound(d time.Duration) time.Duration { return min(max(d, 0), longest) }

// refused turns a status beyond 2xx into an error.
func (c *Client) refused(ctx context.Context, resp *http.Response, sent []byte) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxComplaint)) // what came of it is enough
	if end := ctx.Err(); err != nil && end != nil {
		return end
	}
	if resp.StatusCode < 400 {
		return c.redirected(resp)
	}
	var e *translator.Error
	if c.opts.Judge != nil {
		e = c.opts.Judge(resp.StatusCode, resp.Header, body)
	}
	if e == nil {
		e = Status(resp.StatusCode, resp.Header)
	}
	e.Op = c.name
	if e.Err == nil {
		e.Err = fmt.Errorf("%s: %s", statusWords(resp.StatusCode), c.clean(Message(body), textsOf(sent)))
	}
	if e.Hint == "" && e.Kind == translator.Denied {
		e.Hint = c.keyHint()
	}
	return e
}

// keyHint says how to close the breaker that a Denied error opens.
func (c *Client) keyHint() string {
	return "set a valid key in " + KeySettings(c.name, "or") + ", or ask the service's operator for access; then run again"
}

// redirected refuses to go where the service points. The kind is Denied: every
// request of the night would meet the same.
func (c *Client) redirected(resp *http.Response) error {
	to := "nowhere"
	if u, err := url.Parse(resp.Header.Get("Location")); err == nil && u.String() != "" {
		u = c.base.ResolveReference(u)
		to = c.clean((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), nil)
	}
	return c.Fail(translator.Denied, "if that is the right address, set endpoint to it; then run again",
		"%s: it points to %s, where nothing was sent", statusWords(resp.StatusCode), to)
}

func statusWords(status int) string {
	if words := http.StatusText(status); words != "" {
		return fmt.Sprintf("%d %s", status, words)
	}
	return fmt.Sprintf("status %d", status)
}
