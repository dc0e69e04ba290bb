package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"dragoman/translator"
)

// mark is the line that ends a request of the lines protocol: a number, which
// engines copy, and one that no news holds.
const mark = "20731958"

// isMark tells the answer to the mark: the one learnt, or any with the number,
// however its digits are grouped.
func (e *engine) isMark(line string) bool {
	return line == e.mark || strings.Contains(digits(line), mark)
}

// digits returns the digits of a line, in ASCII.
func digits(line string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			return r
		case '٠' <= r && r <= '٩':
			return '0' + r - '٠'
		}
		return -1
	}, line)
}

// greet sends the mark twice and learns its answer. Two answers that differ
// are an engine with a banner, or one that does not answer line by line.
func (e *engine) greet(ctx context.Context) error {
	done := e.write(mark + "\n" + mark + "\n")
	var answers [2]string
	for i := range answers {
		line, err := e.next(ctx)
		if err != nil {
			return err
		}
		answers[i] = line
	}
	e.mark = answers[1]
	if answers[0] == "" || !e.isMark(answers[0]) {
		return fmt.Errorf("the line %q was answered %q and then %q: the engine writes lines of its own, or does not answer alike", mark, answers[0], answers[1])
	}
	return written(ctx, done)
}

// askLines sends the texts and the mark, and expects as many lines, the last
// of which must be the mark's, and no one before it.
func (e *engine) askLines(ctx context.Context, texts []string) ([]translator.Translation, error) {
	done := e.write(strings.Join(texts, "\n") + "\n" + mark + "\n")
	answers := make([]translator.Translation, len(texts))
	for i := range answers {
		line, err := e.next(ctx)
		if err != nil {
			return nil, fmt.Errorf("answer %d of %d: %w", i+1, len(texts), err)
		}
		if e.isMark(line) && !strings.Contains(digits(texts[i]), mark) {
			return nil, fmt.Errorf("only %d lines came for %d texts", i, len(texts))
		}
		answers[i].Text = line
	}
	last, err := e.next(ctx)
	if err != nil {
		return nil, fmt.Errorf("after the last answer: %w", err)
	}
	if !e.isMark(last) {
		return nil, fmt.Errorf("more lines came than the %d texts have answers", len(texts))
	}
	return answers, written(ctx, done)
}

// question and answer are one line each of the JSON protocol.
type question struct {
	ID   string          `json:"id"`
	Text string          `json:"text"`
	From translator.Lang `json:"from"`
	To   translator.Lang `json:"to"`
}

type answer struct {
	ID    string  `json:"id"`
	Text  *string `json:"text"`
	Error string  `json:"error"`
}

// askJSON sends the texts under fresh ids and expects each id once.
func (e *engine) askJSON(ctx context.Context, req translator.Request) ([]translator.Translation, error) {
	lines, places := e.questions(req)
	done := e.write(lines)
	answers := make([]translator.Translation, len(req.Texts))
	for n := 1; len(places) > 0; n++ {
		line, err := e.next(ctx)
		if err != nil {
			return nil, fmt.Errorf("answer %d of %d: %w", n, len(req.Texts), err)
		}
		a, err := parseAnswer(line)
		if err != nil {
			return nil, err
		}
		i, open := places[a.ID]
		if !open {
			return nil, fmt.Errorf("an answer has the id %q, which was not asked, or answered before", a.ID)
		}
		delete(places, a.ID)
		answers[i] = a.translation()
	}
	return answers, written(ctx, done)
}

// questions returns the request's lines, and the place of each id.
func (e *engine) questions(req translator.Request) (string, map[string]int) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	places := make(map[string]int, len(req.Texts))
	for i, text := range req.Texts {
		e.id++
		id := strconv.Itoa(e.id)
		places[id] = i
		_ = enc.Encode(question{id, text, req.Direction.From, req.Direction.To}) // strings into memory cannot fail
	}
	return b.String(), places
}

func parseAnswer(line string) (answer, error) {
	var a answer
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		return a, fmt.Errorf("%.80q is no answer: %w", line, err)
	}
	if a.Text == nil && a.Error == "" {
		return a, fmt.Errorf("%.80q has neither text nor error", line)
	}
	return a, nil
}

// translation is the answer; an engine's own error is about its text alone.
func (a answer) translation() translator.Translation {
	if a.Error != "" {
		return translator.Translation{Err: translator.NewError("command", translator.Invalid, errors.New(a.Error))}
	}
	return translator.Translation{Text: *a.Text}
}
