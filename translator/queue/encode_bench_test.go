package queue

import (
	"fmt"
	"testing"

	"dragoman/translator"
)

// wireStory is a story of twenty sentences with their translations.
func wireStory() translator.Story {
	s := translator.Story{Status: translator.Done, Article: translator.Article{ID: "ferry", Path: "wire/ferry.txt", Lang: "ar"}}
	one := oneStory().Sentences[0]
	for i := range 20 {
		one.Pair.Block, one.Pair.Sentence = i+1, 1
		one.Pair.Source.Text = fmt.Sprintf("غادرت العبارة رقم %d الميناء الشرقي بعد ساعة من موعدها بسبب الضباب.", i)
		one.Pair.Target.Text = fmt.Sprintf("Ferry number %d left the eastern port an hour late because of fog.", i)
		s.Article.Blocks = append(s.Article.Blocks, translator.Block{Kind: translator.Body, Text: one.Pair.Source.Text})
		s.Sentences = append(s.Sentences, one)
	}
	return s
}

func BenchmarkEncodeStory(b *testing.B) {
	s := wireStory()
	b.ReportAllocs()
	for b.Loop() {
		EncodeStory(s)
	}
}

func BenchmarkDecodeStory(b *testing.B) {
	doc := EncodeStory(wireStory())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeStory(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeArticle(b *testing.B) {
	doc := EncodeArticle(wireStory().Article)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := DecodeArticle(doc); err != nil {
			b.Fatal(err)
		}
	}
}
