package quality_test

import (
	"slices"
	"testing"

	"dragoman/translator"
	"dragoman/translator/quality"
)

func TestDoubtOfFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flags []string
		want  translator.Doubt
	}{
		{nil, translator.Trusted}, {[]string{"unbalanced"}, translator.Trusted}, {[]string{"numbers", "unbalanced"}, translator.AskAgain},
		{[]string{"numbers", "refusal"}, translator.MoveOn}, {[]string{translator.FlagAskedAgain, "no such rule"}, translator.Trusted},
	} {
		if got := quality.DoubtOf(c.flags); got != c.want {
			t.Errorf("DoubtOf(%q) = %d, want %d", c.flags, got, c.want)
		}
	}
}

func TestEveryFlagHasAMeaning(t *testing.T) {
	t.Parallel()
	m := quality.Meanings()
	for _, r := range quality.Rules() {
		if m[r.Name] != r.Means || r.Means == "" {
			t.Errorf("%s means %q", r.Name, m[r.Name])
		}
	}
	for _, note := range []string{translator.FlagAskedAgain, translator.FlagMovedOn, translator.FlagPseudo} {
		if m[note] == "" {
			t.Errorf("the note %s has no meaning", note)
		}
	}
}

func TestFlagsAreTheNamesOfFindings(t *testing.T) {
	t.Parallel()
	c := quality.New(translator.Direction{From: translator.Arabic, To: translator.English}, nil)
	const source = "وصل 17 وزيرا إلى العاصمة صباح اليوم."
	if got := c.Flags(source, "Some 18 ministers arrived in the capital this morning."); !slices.Equal(got, []string{"numbers"}) {
		t.Errorf("flags %q", got)
	}
	if got := c.Flags(source, "Some 17 ministers arrived in the capital this morning."); got != nil {
		t.Errorf("flags %q of a good pair", got)
	}
}

func TestARuleCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	dir := translator.Direction{From: translator.Arabic, To: translator.English}
	const source, target = "وصل 17 وزيرا إلى العاصمة صباح اليوم.", "Some 18 ministers arrived in the capital this morning."
	c := quality.New(dir, &quality.Options{Disable: []string{"numbers", "empty"}})
	if got := c.Flags(source, target); got != nil {
		t.Errorf("flags %q", got)
	}
	if got := c.Flags(source, " "); !slices.Equal(got, []string{"empty"}) {
		t.Errorf("flags %q of no text", got)
	}
}
