package translator

import (
	"cmp"
	"fmt"
	"strings"

	"golang.org/x/text/language"
)

// A Lang is a BCP 47 tag in canonical form, such as "ar" or "en-GB".
// ParseLang makes one.
type Lang string

// The two languages that Dragoman is written for first.
const (
	Arabic  Lang = "ar"
	English Lang = "en"
)

// ParseLang returns the canonical form of a BCP 47 tag. Its error is Invalid.
func ParseLang(tag string) (Lang, error) {
	t, err := language.Parse(tag)
	if err != nil || t == language.Und {
		return "", NewError("language", Invalid, fmt.Errorf("%q is no BCP 47 language tag such as ar, en or en-GB", tag))
	}
	return Lang(t.String()), nil
}

// Base returns the language without script, region and variants: "en" for "en-GB".
func (l Lang) Base() Lang {
	base, _, _ := strings.Cut(string(l), "-")
	return Lang(base)
}

// rightToLeft holds the scripts written from right to left that have wire
// copy today (Unicode, Script and Bidi_Class properties).
var rightToLeft = map[string]bool{
	"Arab": true, "Hebr": true, "Syrc": true, "Thaa": true, "Nkoo": true, "Adlm": true, "Rohg": true,
}

// Dir returns the writing direction, "rtl" or "ltr", as the HTML attribute takes it.
func (l Lang) Dir() string {
	script, _ := language.Make(string(l)).Script()
	if rightToLeft[script.String()] {
		return "rtl"
	}
	return "ltr"
}

// A Direction is what is translated into what.
type Direction struct{ From, To Lang }

// ParseDirection reads the two tags of a direction. Its error is Invalid.
func ParseDirection(from, to string) (Direction, error) {
	f, err := ParseLang(from)
	if err != nil {
		return Direction{}, err
	}
	t, err := ParseLang(to)
	if err != nil {
		return Direction{}, err
	}
	if f == t {
		return Direction{}, NewError("direction", Invalid, fmt.Errorf("from and to are both %s", f))
	}
	return Direction{From: f, To: t}, nil
}

// Compare orders directions by their tags, the source's first.
func (d Direction) Compare(other Direction) int {
	return cmp.Or(cmp.Compare(d.From, other.From), cmp.Compare(d.To, other.To))
}

// String returns "ar-en".
func (d Direction) String() string { return string(d.From) + "-" + string(d.To) }
