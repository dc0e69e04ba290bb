package backend

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	"dragoman/translator"
)

// Check returns b with every Response checked before anyone believes it. Too
// few or too many translations are a Corrupt error and no Response at all,
// since nobody can tell which text each belongs to. A translation that is
// empty, is not valid UTF-8, or holds NUL or a replacement character that its
// text has not, becomes a Translation with a Corrupt Err. Errors lose what they
// quote of the texts. A panic of b is a Corrupt error too, so that the text that
// brings it about is found, and the rest of the run goes on.
//
// What Check returns is an io.Closer that closes b if b is one.
func Check(b translator.Backend) translator.Backend { return checked{b} }

type checked struct{ translator.Backend }

func (c checked) Translate(ctx context.Context, req translator.Request) (resp translator.Response, err error) {
	defer func() {
		if value := recover(); value != nil {
			resp, err = translator.Response{}, &translator.Error{
				Op: c.Traits().Name, Kind: translator.Corrupt, MaybePaid: true, Hint: "a fault of dragoman's own: please report it",
				Err: unquote(fmt.Errorf("its driver broke down at %s: %v", panicPlace(), value), req.Texts),
			}
		}
	}()
	resp, err = c.Backend.Translate(ctx, req)
	if err != nil {
		return translator.Response{}, unquote(err, req.Texts)
	}
	return checkResponse(c.Traits().Name, req.Texts, resp)
}

// panicPlace returns the function and line that panicked, for who recovers.
func panicPlace() string {
	stack := make([]uintptr, 64)
	frames := runtime.CallersFrames(stack[:runtime.Callers(1, stack)])
	for panicked := false; ; {
		frame, more := frames.Next()
		if panicked && !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf("%s (%s:%d)", frame.Function, filepath.Base(frame.File), frame.Line)
		}
		panicked = panicked || frame.Function == "runtime.gopanic"
		if !more {
			return "an unknown place"
		}
	}
}

// Close closes the Backend that is checked, if it can be closed.
func (c checked) Close() error { return translator.Close(c.Backend) }

// checkResponse returns resp with an Err on every Translation that cannot be
// believed, or an error. It does not change resp's own slice.
func checkResponse(name string, texts []string, resp translator.Response) (translator.Response, error) {
	if len(resp.Translations) != len(texts) {
		cause := fmt.Errorf("%d translations came for %d texts", len(resp.Translations), len(texts))
		return translator.Response{}, &translator.Error{Op: name, Kind: translator.Corrupt, Err: cause, MaybePaid: true}
	}
	out := make([]translator.Translation, len(texts))
	for i, tr := range resp.Translations {
		if tr.Err == nil {
			if cause := flaw(texts[i], tr.Text); cause != nil {
				tr = translator.Translation{Err: translator.NewError(name, translator.Corrupt, cause)}
			}
		} else {
			tr.Err = unquote(tr.Err, texts[i:i+1])
		}
		out[i] = tr
	}
	resp.Translations = out
	return resp, nil
}

var (
	errEmpty       = errors.New("the translation is empty")
	errNotUTF8     = errors.New("the translation is not valid UTF-8")
	errNUL         = errors.New("the translation holds a NUL character")
	errReplacement = errors.New("the translation holds U+FFFD, the mark of lost characters")
)

// flaw says why a translation cannot be believed, or nil.
func flaw(text, translation string) error {
	switch {
	case strings.TrimSpace(translation) == "" && strings.TrimSpace(text) != "":
		return errEmpty
	case !utf8.ValidString(translation):
		return errNotUTF8
	case strings.ContainsRune(translation, 0):
		return errNUL
	case strings.ContainsRune(translation, utf8.RuneError) && !strings.ContainsRune(text, utf8.RuneError):
		return errReplacement
	}
	return nil
}
