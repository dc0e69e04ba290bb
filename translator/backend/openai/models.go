package openai

import (
	"regexp"
	"strings"

	"dragoman/translator"
)

// A model is what must be known of one.
type model struct {
	price, target translator.Price // dollars for a million tokens, in and out; 0 is not known
	maxOutput     int              // tokens; 0 is not known
	o200k         bool             // its vocabulary is OpenAI's of today: see tokens
	temperature   *float64         // nil is not sent, as models that reason refuse it
	effort        string           // reasoning_effort; empty is not sent
}

// models are OpenAI's prices and output ceilings, as of November 2026: list
// prices of developers.openai.com/api/docs/pricing as price tables of that
// autumn quote them, without any discount for what is cached or not urgent.
var models = map[string]model{
	"gpt-4o-mini":   {price: 0.15, target: 0.60, maxOutput: 16_384},
	"gpt-4o":        {price: 2.50, target: 10, maxOutput: 16_384},
	"gpt-4.1-nano":  {price: 0.10, target: 0.40, maxOutput: 32_768},
	"gpt-4.1-mini":  {price: 0.40, target: 1.60, maxOutput: 32_768},
	"gpt-4.1":       {price: 2, target: 8, maxOutput: 32_768},
	"gpt-5-nano":    {price: 0.05, target: 0.40, maxOutput: 128_000},
	"gpt-5-mini":    {price: 0.25, target: 2, maxOutput: 128_000},
	"gpt-5":         {price: 1.25, target: 10, maxOutput: 128_000},
	"gpt-5.4-mini":  {price: 0.75, target: 4.50, maxOutput: 128_000},
	"gpt-5.4":       {price: 2.50, target: 15, maxOutput: 128_000},
	"gpt-5.6-luna":  {price: 0.20, target: 1.20, maxOutput: 128_000},
	"gpt-5.6-terra": {price: 2, target: 12, maxOutput: 128_000},
}

// defaultModel does not reason and takes a temperature, so that the same
// sentence is answered alike as far as the service lets it.
const defaultModel = "gpt-4.1-mini"

// The ceilings where nothing better is known.
const (
	unknownMaxOutput = 4_096
	// maxOutput bounds one reply whatever the model can: it is written at some
	// 50 tokens a second, and is lost whole.
	maxOutput = 16_384
)

var (
	snapshot = regexp.MustCompile(`-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$`) // as -2024-08-06, -20240806 or -0613
	fifth    = regexp.MustCompile(`^gpt-5(?:-(?:mini|nano))?$`)
	later    = regexp.MustCompile(`^gpt-(?:5\.\d+|[6-9]|\d{2,})`)
	thinker  = regexp.MustCompile(`^o\d`) // reasons and cannot be told not to
	chatty   = regexp.MustCompile(`^gpt-(?:4|3\.5)`)
)

// alias returns a model's name without the day of its snapshot and without the
// maker's name that gateways put before it.
func alias(name string) string {
	return snapshot.ReplaceAllString(strings.TrimPrefix(name, "openai/"), "")
}

// modelOf returns what is known of a model. Prices hold at OpenAI alone. What
// reasons is told not to: reasoning is billed as output and would come on top of
// what is reserved (developers.openai.com, "Reasoning models": minimal is the
// least of gpt-5, none that of those after it).
func modelOf(name string, atOpenAI bool) model {
	short := alias(name)
	m := models[short]
	if !atOpenAI {
		m.price, m.target = 0, 0
	}
	zero := 0.0
	switch {
	case fifth.MatchString(short):
		m.o200k, m.effort = true, "minimal"
	case later.MatchString(short):
		m.o200k, m.effort = true, "none"
	case chatty.MatchString(short) || !atOpenAI:
		m.o200k, m.temperature = m.maxOutput > 0, &zero
	}
	return m
}

// sameModel tells whether a reply's model is the one that was asked for: a
// name of no day may be answered by the name of its snapshot, and a gateway
// may leave out or add the maker.
func sameModel(asked, answered string) bool {
	asked, answered = strings.TrimPrefix(asked, "openai/"), strings.TrimPrefix(answered, "openai/")
	return answered == "" || answered == asked || snapshot.ReplaceAllString(answered, "") == asked
}
