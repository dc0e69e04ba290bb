package format

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"dragoman/translator"
)

// tmxDTD is the published DTD; the project holds no copy of it.
const tmxDTD = "/work/shared/data/schemas/tmx/tmx14.dtd"

func TestTMXIsValid(t *testing.T) {
	t.Parallel()
	memory := write(t, "tmx", arEn, pairsOf(samples()))[0]
	checkTMX(t, memory)
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed: checked by our own reading of the DTD alone")
	}
	if _, err := os.Stat(tmxDTD); err != nil {
		t.Skip("the DTD is not on this machine: checked by our own reading of it alone")
	}
	file := filepath.Join(t.TempDir(), "pairs.tmx")
	if err := os.WriteFile(file, []byte(memory), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(lint, "--nonet", "--noout", "--dtdvalid", tmxDTD, file).CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

func TestTMXOfAnyTextIsWellFormed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		checkTMX(rt, write(t, "tmx", arEn, rapid.SliceOfN(rapid.Custom(drawPair), 0, 3).Draw(rt, "pairs"))[0])
	})
}

// tmxContent is what may stand in each element that we write, by the DTD.
var tmxContent = map[string]string{"": "tmx", "tmx": "header body", "body": "tu", "tu": "prop tuv", "tuv": "seg"}

// tmxNeeds are the attributes that the DTD requires.
var tmxNeeds = map[string]string{
	"tmx": "version", "header": "creationtool creationtoolversion segtype o-tmf adminlang srclang datatype",
	"prop": "type", "tuv": "lang",
}

// checkTMX holds a memory against the DTD as far as our writer could break it.
func checkTMX(t interface{ Fatalf(string, ...any) }, memory string) {
	d := xml.NewDecoder(strings.NewReader(memory))
	var open []string
	variants := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, memory)
		}
		switch e := token.(type) {
		case xml.StartElement:
			parent := ""
			if len(open) > 0 {
				parent = open[len(open)-1]
			}
			if !strings.Contains(" "+tmxContent[parent]+" ", " "+e.Name.Local+" ") {
				t.Fatalf("<%s> in <%s>", e.Name.Local, parent)
			}
			for need := range strings.FieldsSeq(tmxNeeds[e.Name.Local]) {
				if attr(e, need) == "" {
					t.Fatalf("<%s> without %s", e.Name.Local, need)
				}
			}
			switch e.Name.Local {
			case "tu":
				variants = 0
			case "tuv":
				variants++
			case "prop":
				if variants > 0 {
					t.Fatalf("a property after the texts")
				}
			}
			open = append(open, e.Name.Local)
		case xml.EndElement:
			if e.Name.Local == "tu" && variants != 2 {
				t.Fatalf("a unit of %d texts", variants)
			}
			open = open[:len(open)-1]
		}
	}
}

func tmxFile(body string) string {
	return `<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx11.dtd"><tmx version="1.1"><header srclang="EN-US" segtype="sentence"/><body>` + body + `</body></tmx>`
}

func TestReadTMXOfOtherTools(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, source, target string }{
		"region and lang": {`<tu><tuv lang="ar-EG"><seg>نعم</seg></tuv><tuv lang="en_GB"><seg>Yes</seg></tuv></tu>`, "نعم", "Yes"},
		"exact first": {`<tu><tuv xml:lang="en-GB"><seg>colour</seg></tuv><tuv xml:lang="EN"><seg>color</seg></tuv>
			<tuv xml:lang="ar"><seg>لون</seg></tuv><tuv xml:lang="fr"><seg>couleur</seg></tuv></tu>`, "لون", "color"},
		"codes": {`<tu><tuv xml:lang="ar"><seg>ا<bpt i="1">&lt;b&gt;</bpt>ب<ept i="1">&lt;/b&gt;</ept></seg></tuv>
			<tuv xml:lang="en"><seg>a<hi type="x">b<it pos="begin">{\i<sub>note</sub></it>c</hi><ut>\par</ut>d<ph type="lb"/>e<ph>x</ph>f</seg></tuv></tu>`, "اب", "abcd ef"},
		"notes, CDATA, comments": {`<tu tuid="7"><note>n<x/></note><prop type="p">v</prop><tuv xml:lang="ar"><prop type="q">w</prop><seg><![CDATA[أ & ب]]></seg></tuv>
			<tuv xml:lang="en"><seg>A &amp;<!-- not this --> B</seg></tuv></tu>`, "أ & ب", "A & B"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pairs, errs := read(ReadTMX("m.tmx", strings.NewReader(tmxFile(tt.body)), arEn, nil))
			if len(errs) > 0 || len(pairs) != 1 {
				t.Fatalf("%d pairs, %v", len(pairs), errs)
			}
			p := pairs[0]
			if p.Source != (translator.Text{Lang: "ar", Text: tt.source}) || p.Target != (translator.Text{Lang: "en", Text: tt.target}) {
				t.Errorf("got %q -> %q", p.Source, p.Target)
			}
			if p.Origin.Kind != translator.Seed || p.Origin.Signature != translator.SeedSignature {
				t.Errorf("origin %+v", p.Origin)
			}
		})
	}
}

func TestReadTMXOfOtherEncodings(t *testing.T) {
	t.Parallel()
	body := `<tmx version="1.4"><header srclang="ar"/><body><tu><tuv xml:lang="ar"><seg>سلام</seg></tuv><tuv xml:lang="en"><seg>peace</seg></tuv></tu></body></tmx>`
	encode := map[string]func(string) (string, error){
		"UTF-8":        func(s string) (string, error) { return "\xEF\xBB\xBF" + s, nil },
		"UTF-16":       unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String,
		"UTF-16BE":     unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String,
		"UTF-16LE":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String,
		"windows-1256": charmap.Windows1256.NewEncoder().String,
	}
	for label, encode := range encode {
		file, err := encode(`<?xml version="1.0" encoding="` + label + `"?>` + body)
		if err != nil {
			t.Fatal(err)
		}
		pairs, errs := read(ReadTMX("m.tmx", strings.NewReader(file), arEn, nil))
		if len(errs) > 0 || len(pairs) != 1 || pairs[0].Source.Text != "سلام" {
			t.Errorf("%s: %v, %v", label, pairs, errs)
		}
	}
}

// A memory serves both ways, but what a machine made of English is no
// machine's work when it stands for the English.
func TestReadTMXAgainstItsDirection(t *testing.T) {
	t.Parallel()
	memory := write(t, "tmx", arEn, pairsOf(samples()[:1]))[0]
	pairs, errs := read(ReadTMX("m.tmx", strings.NewReader(memory), enAr, nil))
	if len(errs) > 0 || len(pairs) != 7 {
		t.Fatalf("%d pairs, %v", len(pairs), errs)
	}
	for _, p := range pairs {
		if p.Source.Lang != "en" || p.Origin.Kind != translator.Seed || p.Origin.Signature != translator.SeedSignature {
			t.Errorf("%+v", p)
		}
	}
}

func TestReadTMXItemErrors(t *testing.T) {
	t.Parallel()
	body := "\n" + `<tu tuid="a"><tuv xml:lang="ar"><seg>ا</seg></tuv><tuv xml:lang="fr"><seg>a</seg></tuv></tu>` + "\n" +
		`<tu tuid="b"><tuv xml:lang="ar"><seg> </seg></tuv><tuv xml:lang="en"><seg>a</seg></tuv></tu>` + "\n" +
		`<tu tuid="c"/><tu><tuv xml:lang="ar"><seg>ا</seg></tuv><tuv xml:lang="en"><seg>a</seg></tuv></tu>`
	pairs, errs := read(ReadTMX("m.tmx", strings.NewReader(tmxFile(body)), arEn, nil))
	if len(pairs) != 1 || len(errs) != 3 {
		t.Fatalf("%v, %v", pairs, errs)
	}
	want := []struct {
		path, id string
		kind     translator.Kind
	}{{"m.tmx:2", "a", translator.Unsupported}, {"m.tmx:3", "b", translator.Invalid}, {"m.tmx:4", "c", translator.Unsupported}}
	for i, w := range want {
		item, ok := errors.AsType[*translator.ItemError](errs[i])
		if !ok || item.Path != w.path || item.ID != w.id || !errors.Is(item, w.kind) {
			t.Errorf("error %d: %+v, want %+v", i, errs[i], w)
		}
	}
}

func TestReadTMXBroken(t *testing.T) {
	t.Parallel()
	unit := `<tu><tuv xml:lang="ar"><seg>ا</seg></tuv><tuv xml:lang="en"><seg>a</seg></tuv></tu>`
	tests := map[string]struct {
		file, says string
		kind       translator.Kind
	}{
		"empty":            {"", "before </tmx>", translator.Invalid},
		"not TMX":          {"<html></html>", "not with <html>", translator.Invalid},
		"cut off":          {strings.TrimSuffix(tmxFile(unit), "</body></tmx>"), "unexpected EOF", translator.Invalid},
		"not XML":          {tmxFile("\n\n" + unit + "\n<tu <tuv>"), "m.tmx:4", translator.Invalid},
		"crossed":          {tmxFile("<tu><tuv></tu></tuv>"), "m.tmx:1", translator.Invalid},
		"two roots":        {tmxFile(unit) + "<tmx/>", "after </tmx>", translator.Invalid},
		"NUL":              {tmxFile("<tu>\x00</tu>"), "m.tmx:1", translator.Invalid},
		"own entity":       {`<!DOCTYPE tmx [<!ENTITY a "b"><!ENTITY x SYSTEM "file:///etc/passwd">]><tmx><body><tu>&x;</tu></body></tmx>`, "entity", translator.Invalid},
		"deep":             {tmxFile(strings.Repeat("<tu>", 300)), "256", translator.TooLarge},
		"deep in seg":      {tmxFile("<tu><tuv><seg>" + strings.Repeat("<hi>", 300)), "256", translator.TooLarge},
		"large text":       {tmxFile("<tu><tuv><seg>" + strings.Repeat("x", 5000)), "4096", translator.TooLarge},
		"large doctype":    {"<!DOCTYPE " + strings.Repeat("x", 5000), "4096", translator.TooLarge},
		"many attributes":  {tmxFile("<tu" + strings.Repeat(` a="b"`, 1000) + ">"), "4096", translator.TooLarge},
		"many texts":       {tmxFile("<tu>" + strings.Repeat(`<tuv lang="fr"/>`, 1000)), "4096", translator.TooLarge},
		"unknown encoding": {`<?xml version="1.0" encoding="martian"?><tmx/>`, "martian", translator.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errs := read(ReadTMX("m.tmx", strings.NewReader(tt.file), arEn, &ReadOptions{MaxItem: 4096}))
			if len(errs) != 1 || !errors.Is(errs[0], tt.kind) || !strings.Contains(errs[0].Error(), tt.says) {
				t.Errorf("got %v, want %q", errs, tt.says)
			}
			if strings.Count(errs[0].Error(), "too large") > 1 {
				t.Errorf("says it twice: %v", errs[0])
			}
		})
	}
}

func TestReadTMXTakesAUnitOfTheLimit(t *testing.T) {
	t.Parallel()
	unit := `<tu><tuv xml:lang="ar"><seg>a</seg></tuv><tuv xml:lang="en"><seg>a</seg></tuv></tu>`
	for extra, want := range map[int]int{0: 10, -1: 0} {
		pairs, _ := read(ReadTMX("m", strings.NewReader("<tmx><body>"+strings.Repeat(unit, 10)+"</body></tmx>"), arEn, &ReadOptions{MaxItem: len(unit) + extra}))
		if len(pairs) != want {
			t.Errorf("limit %+d: %d units, want %d", extra, len(pairs), want)
		}
	}
}

// A reader that fails is no broken memory.
func TestReadTMXPassesReadErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	_, errs := read(ReadTMX("m.tmx", io.MultiReader(strings.NewReader("<tmx>"), errReader{broken}), arEn, nil))
	if len(errs) != 1 || !errors.Is(errs[0], broken) || errors.Is(errs[0], translator.Invalid) {
		t.Errorf("%v", errs)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// A memory read against its source language loses its engines, but a stand-in stays one.
func TestTMXStandInsBothWays(t *testing.T) {
	t.Parallel()
	story := newStory("a", arEn).block(translator.Body, translator.Pseudo, "نص.", "[pseudo en] نص.").story
	file := write(t, "tmx", arEn, pairsOf([]translator.Story{story}))[0]
	for _, dir := range []translator.Direction{arEn, enAr} {
		pairs, errs := read(ReadTMX("a.tmx", strings.NewReader(file), dir, nil))
		if len(errs) != 0 || len(pairs) != 1 || pairs[0].Origin.Kind != translator.Pseudo {
			t.Errorf("%s: %+v, %v", dir, pairs, errs)
		}
	}
}
