package queue

import (
	"strconv"

	"dragoman/translator"
)

// digestSchema changes when DigestOf changes what it returns: then every story
// that is submitted again is a new version.
const digestSchema = "dragoman story 1"

// DigestOf tells the versions of a story apart. It covers what changes the
// translation or what export writes: the language, the blocks with their kinds
// and rules, and when the story was published. It leaves out the ID, which names
// the story beside it, and Meta, which nothing shows.
//
// It leaves out Path as well: the same story delivered again in the folder of
// another night is the same version, and what is done with it is done. The
// report and the story's page then show the path of the first delivery.
func DigestOf(a translator.Article) [16]byte {
	parts := partsOf("article", string(a.Lang))
	if !a.Published.IsZero() {
		parts = appendAll(parts, strconv.FormatInt(a.Published.Unix(), 10), strconv.Itoa(a.Published.Nanosecond()))
	}
	for _, b := range a.Blocks {
		parts = appendAll(parts, "block", string(b.Kind), b.Text, b.Rule)
	}
	return translator.DigestOf(parts)
}

// DigestOfUnread does the same for an item that could not be read: it is the
// same version as long as it cannot be read for the same reason.
func DigestOfUnread(e *translator.ItemError) [16]byte {
	r := translator.ReasonOf(e.Err)
	return translator.DigestOf(partsOf("unread", r.Kind.Error(), r.Text, r.Hint))
}

func partsOf(texts ...string) []byte {
	return appendAll(translator.AppendPart(nil, digestSchema), texts...)
}

func appendAll(parts []byte, texts ...string) []byte {
	for _, text := range texts {
		parts = translator.AppendPart(parts, text)
	}
	return parts
}
