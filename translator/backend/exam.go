package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"dragoman/translator"
)

func (x exam) saneTraits(context.Context) error {
	t, again := x.traits, x.b.Traits()
	switch {
	case t.Name == "" || t.Signature == "":
		return fmt.Errorf("name %q and signature %q must not be empty", t.Name, t.Signature)
	case strings.ContainsFunc(string(t.Signature), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return fmt.Errorf("signature %q holds white space or what cannot be printed", t.Signature)
	case t.MaxTexts < 0 || t.MaxSize < 0 || t.MaxTextSize < 0 || t.Connections < 0 || t.Price < 0:
		return fmt.Errorf("a limit, the connections or the price is negative: %d, %d, %d, %d, %v", t.MaxTexts, t.MaxSize, t.MaxTextSize, t.Connections, t.Price)
	case t.TargetPrice < 0 || t.Overhead < 0 || t.TargetPrice > 0 && !(0 < t.Yield.Least && t.Yield.Least <= t.Yield.Most):
		return fmt.Errorf("what comes back has the price %v and the yield %v: no request could be bounded", t.TargetPrice, t.Yield)
	case t.Name != again.Name || t.Signature != again.Signature || t.MaxTexts != again.MaxTexts || t.MaxSize != again.MaxSize || t.Price != again.Price:
		return fmt.Errorf("traits changed between two calls: %s and %s", t.Signature, again.Signature)
	}
	for _, text := range x.texts {
		if n := t.SizeOf(text); n <= 0 || n != t.SizeOf(text) {
			return fmt.Errorf("the size of %q is %d, then %d", text, n, t.SizeOf(text))
		}
	}
	return nil
}

func (x exam) alone(ctx context.Context) error {
	_, err := x.ask(ctx, x.texts[:1])
	return err
}

// inOrder asks forwards and backwards: an answer that stays with its place
// instead of its text shows.
func (x exam) inOrder(ctx context.Context) error {
	forward, err := x.ask(ctx, x.texts)
	if err != nil {
		return err
	}
	turned := slices.Clone(x.texts)
	slices.Reverse(turned)
	backward, err := x.ask(ctx, turned)
	if err != nil {
		return err
	}
	slices.Reverse(backward)
	return x.same(forward, backward)
}

func (x exam) twice(ctx context.Context) error {
	doubled := append(slices.Clone(x.texts), x.texts[0])
	answers, err := x.ask(ctx, doubled)
	if err != nil {
		return err
	}
	first, last := answers[:1], answers[len(answers)-1:]
	return x.same(first, last)
}

// characters sends the texts and, apart, the odd text, which a backend that
// knows only some texts may lack.
func (x exam) characters(ctx context.Context) error {
	answers, err := x.ask(ctx, x.texts)
	if err != nil {
		return err
	}
	odd, err := x.ask(ctx, []string{oddText})
	if err != nil && !errors.Is(err, translator.Missing) {
		return err
	}
	for _, answer := range append(answers, odd...) {
		if bad := spoilt(answer); bad != "" {
			return fmt.Errorf("%q holds %q: the service was sent or has read the text in a wrong form", answer, bad)
		}
	}
	return nil
}

// spoilt returns what in an answer is an HTML entity that none of the texts
// has, or UTF-8 read as Latin-1; or "".
func spoilt(answer string) string {
	for _, bad := range []string{"&amp;", "&quot;", "&lt;", "&gt;", "&apos;", "&#"} {
		if strings.Contains(answer, bad) {
			return bad
		}
	}
	// Arabic letters begin with the bytes D8 and D9, which Latin-1 shows so.
	if strings.Count(answer, "Ø")+strings.Count(answer, "Ù") > 2 {
		return "Ø"
	}
	return ""
}

// promptly is how long a cancelled request may take to return.
const promptly = 2 * time.Second

func (x exam) cancelled(ctx context.Context) error {
	before, cancel := context.WithCancel(ctx)
	cancel()
	if err := x.cancelledIn(before); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("a request cancelled beforehand returned %v, want context.Canceled as it is", err)
	}
	during, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(5*time.Millisecond, cancel).Stop()
	if err := x.cancelledIn(during); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("a request cancelled on its way returned %w, want context.Canceled as it is", err)
	}
	return nil
}

func (x exam) cancelledIn(ctx context.Context) error {
	start := time.Now()
	_, err := x.b.Translate(ctx, translator.Request{Direction: x.dir, Texts: x.texts[:1]})
	if took := time.Since(start); took > promptly && ctx.Err() != nil {
		return fmt.Errorf("it returned %v after it was sent", took.Round(time.Millisecond))
	}
	return err
}

// concurrent sends the texts on every connection at once, each time turned
// by one, and compares with a quiet request.
func (x exam) concurrent(ctx context.Context) error {
	quiet, err := x.ask(ctx, x.texts)
	if err != nil {
		return err
	}
	errs := make([]error, x.connections())
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			k := i % len(x.texts)
			answers, err := x.ask(ctx, slices.Concat(x.texts[k:], x.texts[:k]))
			if err == nil {
				err = x.same(quiet, slices.Concat(answers[len(answers)-k:], answers[:len(answers)-k]))
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// same tells whether both lists answer the same texts in the same order. An
// engine may word an answer anew; then the figures of the text must be in both.
func (x exam) same(a, b []string) error {
	for i := range a {
		figure := figureOf(x.texts[i])
		known := figure != "" && strings.Contains(plainDigits(a[i]), figure) && strings.Contains(plainDigits(b[i]), figure)
		if a[i] != b[i] && !known {
			return fmt.Errorf("text %d, %q, was answered %q and then %q", i+1, x.texts[i], a[i], b[i])
		}
	}
	return nil
}

// figureOf returns the first run of digits of a text.
func figureOf(text string) string {
	start := strings.IndexFunc(text, isDigit)
	if start < 0 {
		return ""
	}
	rest := text[start:]
	if end := strings.IndexFunc(rest, func(r rune) bool { return !isDigit(r) }); end >= 0 {
		rest = rest[:end]
	}
	return rest
}

// plainDigits drops the marks that engines put between thousands.
func plainDigits(s string) string {
	return strings.NewReplacer(",", "", ".", "", "\u00A0", "").Replace(s)
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// ask sends one request and returns its answers, all of which must be good.
func (x exam) ask(ctx context.Context, texts []string) ([]string, error) {
	resp, err := Check(x.b).Translate(ctx, translator.Request{Direction: x.dir, Texts: slices.Clone(texts)})
	if err != nil {
		return nil, err
	}
	answers := make([]string, len(texts))
	for i, tr := range resp.Translations {
		if tr.Err != nil {
			return nil, fmt.Errorf("text %d, %q: %w", i+1, texts[i], tr.Err)
		}
		answers[i] = tr.Text
	}
	return answers, nil
}
