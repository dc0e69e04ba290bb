package format

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"dragoman/translator"
)

// wirePair is a sentence of the usual length.
var wirePair = translator.Pair{
	ID: "quake-20260314:12.3", Story: "quake-20260314", Block: 12, Sentence: 3, Kind: translator.Body,
	Source: translator.Text{Lang: "ar", Text: "وقال رئيس البلدية للصحافيين إن فرق الإنقاذ وصلت إلى القرى الثلاث بعد ساعتين من الهزة، \"ولم تسجل إصابات حتى الآن\"."},
	Target: translator.Text{Lang: "en", Text: "The mayor told reporters that rescue teams had reached the three villages two hours after the tremor, \"and no injuries have been recorded so far\"."},
	Origin: translator.Origin{Kind: translator.Machine, Signature: google, Time: noon}, Flags: []string{},
}

func BenchmarkWrite(b *testing.B) {
	for _, f := range Formats() {
		if f.Write == nil {
			continue
		}
		b.Run(f.Name, func(b *testing.B) {
			var n counter
			w := f.Write(arEn, []io.Writer{&n, &n})
			for b.Loop() {
				if err := w.WritePair(wirePair); err != nil {
					b.Fatal(err)
				}
			}
			_ = w.Close()
			b.SetBytes(int64(n) / int64(b.N))
		})
	}
	b.Run("encoding-json", func(b *testing.B) {
		var n counter
		e := json.NewEncoder(&n)
		e.SetEscapeHTML(false)
		for b.Loop() {
			if err := e.Encode(wirePair); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(n) / int64(b.N))
	})
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func BenchmarkRead(b *testing.B) {
	for _, f := range Formats() {
		if f.Read == nil {
			continue
		}
		pairs := make([]translator.Pair, 1000)
		for i := range pairs {
			pairs[i] = wirePair
		}
		file := write(b, f.Name, arEn, pairs)[0]
		b.Run(f.Name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				for _, err := range f.Read("bench", strings.NewReader(file), arEn, nil) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(pairs)), "ns/pair")
		})
	}
}

// BenchmarkOutputs writes stories of eight sentences: what a story costs with
// pair files alone, and with a page and a text of its own.
func BenchmarkOutputs(b *testing.B) {
	for _, formats := range [][]string{{"jsonl"}, {"jsonl", "tsv", "tmx", "moses"}, {"text"}, {"html"}} {
		b.Run(strings.Join(formats, "+"), func(b *testing.B) {
			d, _ := openDir(b)
			o, err := NewOutputs(d, arEn, formats)
			if err != nil {
				b.Fatal(err)
			}
			story := samples()[0]
			n := 0
			for b.Loop() {
				n++
				story.Article.ID = fmt.Sprintf("story-%d", n)
				if err := o.Add(story); err != nil {
					b.Fatal(err)
				}
			}
			if _, err := o.Close(Report{}); err != nil {
				b.Fatal(err)
			}
			_ = d.Close()
		})
	}
}

// BenchmarkPage renders the page of a story of eight sentences, without a disk.
func BenchmarkPage(b *testing.B) {
	story := samples()[0]
	for b.Loop() {
		if err := WritePage(io.Discard, story, arEn, "x.en.txt"); err != nil {
			b.Fatal(err)
		}
	}
}
