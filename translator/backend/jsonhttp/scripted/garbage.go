package scripted

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Garbage are answers of status 200 that are none, by name.
func Garbage() map[string]Fault {
	json := func(body string) Fault { return Body("application/json", []byte(body)) }
	return map[string]Fault{
		"web page":                 Body("text/html; charset=utf-8", []byte("<!DOCTYPE html>\n<title>Log in</title>")),
		"web page as JSON":         json("  <html>502</html>"),
		"empty":                    json(""),
		"spaces":                   json(" \n\t "),
		"null":                     json("null"),
		"wrong type":               json(`"done"`),
		"number":                   json("12"),
		"invalid UTF-8":            json("{\"text\": \"\xd8\x20\"}"),
		"50 MB":                    large,
		"50 MB packed":             Encoded("gzip", bomb()),
		"depth 10^6":               json(strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000)),
		"depth 65":                 json(strings.Repeat("[", 65) + strings.Repeat("]", 65)),
		"NaN":                      json(`{"text": NaN}`),
		"duplicate keys":           json(`{"text": "first", "text": "second"}`),
		"keys that differ in case": json(`{"text": "first", "Text": "second"}`),
		"two values":               json(`{"text": "a"} {"text": "b"}`),
		"truncated":                json(`{"text": "a`),
		"UTF-16":                   Body("application/json; charset=utf-16", []byte("\xff\xfe{\x00}\x00")),
	}
}

// large answers with 50 MB of JSON, as long as the client reads.
func large(w http.ResponseWriter, _ *http.Request, _ http.Handler) { _ = writeLarge(w) }

// bomb is the same 50 MB, packed into less than one.
var bomb = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed) // the level is valid
	_ = errors.Join(writeLarge(w), w.Close())         // into memory
	return out.Bytes()
})

func writeLarge(w io.Writer) error {
	_, err := io.WriteString(w, `{"text": "`)
	part := bytes.Repeat([]byte("x"), 1<<20)
	for range 50 {
		if err == nil {
			_, err = w.Write(part)
		}
	}
	if err == nil {
		_, err = io.WriteString(w, `"}`)
	}
	return err
}

// Encoded answers 200 with bytes of a Content-Encoding.
func Encoded(encoding string, body []byte) Fault {
	return Status(200, string(body), map[string][]string{"Content-Encoding": {encoding}, "Content-Type": {"application/json"}})
}
