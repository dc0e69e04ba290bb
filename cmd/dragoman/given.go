package main

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"dragoman/config"
)

// This file makes commands that are suggested fit to be typed: they are about
// the store that the one was that suggests them.

// given returns those of some flags that a command was given, as they are typed
// again. A password in them is left out: it belongs into PGPASSWORD or ~/.pgpass.
func given(cmd *cobra.Command, names ...string) string {
	var b strings.Builder
	for _, name := range names {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			b.WriteString(" --" + name + " " + quoted(config.WithoutSecrets(f.Value.String(), "")))
		}
	}
	return b.String()
}

// suggested finds commands that are about a store in a remedy.
var suggested = regexp.MustCompile(`\bdragoman (status|export|ledger|work|retry|cancel|hold|release)\b`)

// here puts into the commands of a text what this one was given.
func (a *app) here(text string) string {
	return suggested.ReplaceAllStringFunc(text, func(command string) string { return command + a.given })
}

// quoted writes a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.:/", r)
	}
	if strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
