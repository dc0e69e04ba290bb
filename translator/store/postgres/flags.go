package postgres

import (
	"fmt"
	"strings"
	"unicode"

	"dragoman/translator"
)

// joinFlags writes flags as one text, a space between each two. A name that
// could not be read back as it is, is an Invalid error.
func joinFlags(flags []string) (string, error) {
	for _, f := range flags {
		if f == "" || strings.ContainsFunc(f, unicode.IsSpace) {
			return "", translator.NewError("store", translator.Invalid,
				fmt.Errorf("%q is no name of a flag: it is empty or has a space in it", f))
		}
	}
	return strings.Join(flags, " "), nil
}

// splitFlags reads what joinFlags wrote. No flags are nil.
func splitFlags(joined []byte) []string {
	if len(joined) == 0 {
		return nil
	}
	return strings.Split(string(joined), " ")
}
