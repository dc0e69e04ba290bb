package jsonhttp

import (
	"errors"
	"fmt"
	"strings"

	"dragoman/translator"
)

// CheckKey refuses what cannot be a key, without showing it. Its error is
// Denied, with a hint that says where a key goes.
func CheckKey(name, key string) error {
	wrong := ""
	switch {
	case key == "":
		wrong = "there is no key"
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		wrong = "the key has white space in it, or characters that no key has"
	default:
		return nil
	}
	e := translator.NewError(name, translator.Denied, errors.New(wrong))
	e.Hint = "put the key into the file of " + KeySettings(name, "or into")
	return e
}

// KeySettings names the two settings of a backend's key, joined by words.
func KeySettings(name, joined string) string {
	return fmt.Sprintf("backends.%s.key_file %s DRAGOMAN_BACKENDS_%s_KEY", name, joined, strings.ToUpper(name))
}

// Mistakes returns one Invalid error that lists what is wrong with a backend's
// settings, with what is wrong with its price and connections, or nil.
func Mistakes(name string, price translator.Price, connections int, wrong ...string) error {
	if !price.Valid() {
		wrong = append(wrong, fmt.Sprintf("usd_per_million is %v; it must be a price of 0 or more", float64(price)))
	}
	if connections < 0 {
		wrong = append(wrong, fmt.Sprintf("connections is %d; it must be 1 or more", connections))
	}
	if len(wrong) == 0 {
		return nil
	}
	e := translator.NewError(name, translator.Invalid, errors.New(strings.Join(wrong, "; ")))
	e.Hint = "correct these settings of the " + name + " backend"
	return e
}
