package format

import (
	"io"
	"strings"

	"dragoman/translator"
)

// WriteText writes the translation of a story as plain text: paragraphs with an
// empty line between, each on one line, the dateline before the first one. A
// sentence without a translation stands there as "[not translated: SOURCE]".
func WriteText(w io.Writer, story translator.Story) error {
	paragraphs := textParagraphs(story)
	_, err := io.WriteString(w, strings.Join(paragraphs, "\n\n")+"\n")
	return err
}

// textParagraphs returns the translated blocks of a story. A dateline goes to
// the body that follows it, or stands alone where none does.
func textParagraphs(story translator.Story) []string {
	var out []string
	dateline := ""
	for block := range blocks(story.Sentences) {
		text := targetText(block)
		switch {
		case text == "":
			continue
		case block[0].Pair.Kind == translator.Dateline && dateline == "":
			dateline = text
			continue
		case block[0].Pair.Kind == translator.Body && dateline != "":
			text, dateline = dateline+" — "+text, ""
		}
		out = append(out, text)
	}
	if dateline != "" {
		out = append(out, dateline)
	}
	return out
}

// blocks yields the sentences of one block after the other.
func blocks(sentences []translator.Sentence) func(func([]translator.Sentence) bool) {
	return func(yield func([]translator.Sentence) bool) {
		for start, end := 0, 0; start < len(sentences); start = end {
			for end < len(sentences) && sentences[end].Pair.Block == sentences[start].Pair.Block {
				end++
			}
			if !yield(sentences[start:end]) {
				return
			}
		}
	}
}

func targetText(block []translator.Sentence) string {
	parts := make([]string, 0, len(block))
	for _, s := range block {
		text := oneLine(s.Pair.Target.Text)
		if s.Err != nil {
			text = "[not translated: " + oneLine(s.Pair.Source.Text) + "]"
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " ")
}

// headline returns what a story is called: its headline in the language it is
// translated to, or as it came; of a story without one, its first sentence, as
// alerts have it; or the zero Text.
func headline(story translator.Story) translator.Text {
	for _, s := range story.Sentences {
		if s.Pair.Kind == translator.Headline {
			return title(s)
		}
	}
	for _, b := range story.Article.Blocks {
		if b.Kind == translator.Headline {
			return translator.Text{Lang: story.Article.Lang, Text: shorten(oneLine(b.Text), maxTitle)}
		}
	}
	if len(story.Sentences) > 0 {
		return title(story.Sentences[0])
	}
	return translator.Text{}
}

// maxTitle is how many characters of a headline a title or report shows.
const maxTitle = 200

func title(s translator.Sentence) translator.Text {
	text := s.Pair.Target
	if s.Err != nil || text.Text == "" {
		text = s.Pair.Source
	}
	text.Text = shorten(oneLine(text.Text), maxTitle)
	return text
}
