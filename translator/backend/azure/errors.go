package azure

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// complaint is the body of a refusal. Its code is a number of six digits, the
// first three the status; the gateway before the service writes the status
// alone, as a string.
type complaint struct {
	Error struct {
		Code json.RawMessage `json:"code"`
	} `json:"error"`
}

// The codes that part what one status lumps together (learn.microsoft.com,
// "Translator 3.0 reference", Errors).
var (
	languages = []int{400003, 400006, 400019, 400023, 400035, 400036}
	sizes     = []int{400050, 400072, 400077}
	models    = []int{400002, 400075, 400079}
)

const (
	freeQuota     = 403001
	beingPrepared = 408001 // the custom model is loaded
)

// judge knows what Azure's statuses and codes mean beyond the usual; nil is the
// usual.
func judge(status int, header http.Header, body []byte) *translator.Error {
	var c complaint
	_ = json.Unmarshal(body, &c) // a body of another form has no code
	code, err := strconv.Atoi(strings.Trim(string(c.Error.Code), `"`))
	if err != nil {
		code = status
	}
	words := strings.ToLower(jsonhttp.Message(body))
	switch status {
	case http.StatusBadRequest:
		return badRequest(code)
	case http.StatusUnauthorized:
		return &translator.Error{Kind: translator.Denied, Hint: "check the key in " + jsonhttp.KeySettings(op, "or") + ", and region: a regional resource needs its own; then run again"}
	case http.StatusForbidden:
		if code == freeQuota || strings.Contains(words, "quota") {
			return &translator.Error{Kind: translator.Exhausted, Hint: "the free tier's characters are used up until its month ends: wait, or take a paid tier"}
		}
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return tooMany(status, code, words, header)
	case http.StatusInternalServerError, http.StatusServiceUnavailable:
		return failed(status, header)
	}
	return nil
}

func badRequest(code int) *translator.Error {
	switch {
	case slices.Contains(languages, code):
		return &translator.Error{Kind: translator.Unsupported, Hint: "see learn.microsoft.com/azure/ai-services/translator/language-support"}
	case slices.Contains(sizes, code):
		return &translator.Error{Kind: translator.TooLarge}
	case slices.Contains(models, code):
		return &translator.Error{Kind: translator.Invalid, Hint: "check backends.azure.category: it must be a deployed custom model of this direction"}
	}
	return &translator.Error{Kind: translator.Invalid}
}

// again is how the gateway says in words what its header may leave out.
var again = regexp.MustCompile(`(?:retry|try again) (?:after|in) (\d{1,5}) second`)

// tooMany is the family of 429: all of it is characters or requests of an
// hour, which count by the minute.
func tooMany(status, code int, words string, header http.Header) *translator.Error {
	e := jsonhttp.Status(status, header)
	if m := again.FindStringSubmatch(words); e.After == 0 && m != nil {
		seconds, _ := strconv.Atoi(m[1]) // digits
		e.After = min(time.Duration(seconds)*time.Second, 24*time.Hour)
	}
	switch {
	case code == beingPrepared && e.After == 0:
		e.After = time.Minute // "in a few minutes"
	case status == http.StatusTooManyRequests:
		e.Hint = "set backends.azure.units_per_minute to your tier's: 33,000 free, 666,000 for S1 and S2, 2,000,000 for S3"
	}
	return e
}

// failed names the request, as Microsoft's support wants it.
func failed(status int, header http.Header) *translator.Error {
	e := jsonhttp.Status(status, header)
	if id := header.Get("X-RequestId"); requestID.MatchString(id) {
		e.Hint = "if it goes on, report request " + id + " to Azure's support"
	}
	return e
}

var requestID = regexp.MustCompile(`^[A-Za-z0-9.:_-]{1,100}$`)
