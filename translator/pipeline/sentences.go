package pipeline

import (
	"iter"
	"strings"

	"dragoman/translator"
	"dragoman/translator/segment"
)

// sentences yields a pair without a target for each sentence of an article.
// Blocks and sentences are counted from 1, and boilerplate counts as a block,
// so that switching a rule off moves no number.
func sentences(a *translator.Article, split segment.Splitter) iter.Seq[translator.Pair] {
	return func(yield func(translator.Pair) bool) {
		for i, block := range a.Blocks {
			n := 0
			for text := range pieces(block, split) {
				n++
				if !yield(translator.Pair{
					ID: translator.PairID(a.ID, i+1, n), Story: a.ID, Block: i + 1, Sentence: n,
					Kind: block.Kind, Source: translator.Text{Text: text},
				}) {
					return
				}
			}
		}
	}
}

// pieces yields what of a block is translated as one: the whole of a headline,
// dateline or byline, which are structure and no prose; the sentences of the
// rest; nothing of boilerplate.
func pieces(block translator.Block, split segment.Splitter) iter.Seq[string] {
	return func(yield func(string) bool) {
		switch block.Kind {
		case translator.Boilerplate:
		case translator.Headline, translator.Dateline, translator.Byline:
			if text := strings.TrimSpace(block.Text); text != "" {
				yield(text)
			}
		default:
			for span := range split(block.Text) {
				if text := strings.TrimSpace(block.Text[span.Start:span.End]); text != "" && !yield(text) {
					return
				}
			}
		}
	}
}
