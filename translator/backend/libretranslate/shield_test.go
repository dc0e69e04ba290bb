package libretranslate_test

import (
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/libretranslate/libretranslatetest"
)

// say asks a server whose model answers as given, and whose formatting is the
// server's own.
func say(t *testing.T, dir translator.Direction, source, model string) translator.Translation {
	t.Helper()
	server := start(t, libretranslatetest.Options{Model: func(string) string { return model }})
	resp, err := open(t, server, nil).Translate(t.Context(), translator.Request{Direction: dir, Texts: []string{source}})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Translations[0]
}

// What the model said comes through the server's formatting and our repair.
func TestShield(t *testing.T) {
	t.Parallel()
	enAr := translator.Direction{From: translator.English, To: translator.Arabic}
	arFr := translator.Direction{From: translator.Arabic, To: "fr"}
	for _, c := range []struct {
		dir                 translator.Direction
		source, model, want string
	}{
		{arEn, "هل وصل الوفد؟", "Did the delegation arrive?", "Did the delegation arrive?"},
		{arEn, "هل وصل الوفد؟", "Did the delegation arrive.", "Did the delegation arrive?"},
		{arEn, "هل وصل الوفد؟", "Did the delegation arrive", "Did the delegation arrive?"},
		{arEn, "هل وصل الوفد !؟", "Did it arrive!?", "Did it arrive!?"},
		{arEn, "سأل: هل وصل؟", `He asked: "Did it arrive?"`, `He asked: "Did it arrive?"`},
		{arEn, `سأل: "هل وصل؟"`, `He asked: "Did it arrive?"`, `He asked: "Did it arrive?"`},
		{arEn, "وصل الوفد.", "The delegation arrived.", "The delegation arrived."},
		{arEn, "وصل الوفد", "The delegation arrived", "The delegation arrived"},
		{enAr, "Are you well?", "هل أنت بخير؟", "هل أنت بخير؟"},
		{enAr, "Are you well?", "هل أنت بخير", "هل أنت بخير؟"},
		{enAr, "Are you well?", "هل أنت بخير.", "هل أنت بخير؟"},
		{enAr, "First,", "أولا،", "أولا،"},
		{enAr, "He left;", "غادر؛", "غادر؛"},
		{enAr, "He left.", "غادر.", "غادر."},
		{enAr, "Is it 5?", "هل هو 5?", "هل هو 5?"},
		{enAr, "Well!", "حسنا!", "حسنا!"},
		{arFr, "هل وصل الوفد؟", "La délégation est-elle là ?", "La délégation est-elle là "}, // not ours to know: French has a space there
	} {
		if got := say(t, c.dir, c.source, c.model); got.Text != c.want || got.Err != nil {
			t.Errorf("%s, %q: the model said %q and %q came, want %q", c.dir, c.source, c.model, got.Text, c.want)
		}
	}
}
