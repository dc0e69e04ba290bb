package jsonhttp

import (
	"errors"
	"slices"
	"strings"

	"dragoman/translator"
)

var errEmpty = errors.New("the answer to this text is empty")

// Answer returns one text of a reply as a Translation; an empty one is that
// text's Corrupt error.
func (c *Client) Answer(text string) translator.Translation {
	if strings.TrimSpace(text) == "" {
		return translator.Translation{Err: translator.NewError(c.name, translator.Corrupt, errEmpty)}
	}
	return translator.Translation{Text: text}
}

// CheckCount refuses a reply with more or fewer answers than texts were sent,
// as Corrupt: nobody can tell which text each belongs to.
func (c *Client) CheckCount(sent, came int) error {
	if sent == came {
		return nil
	}
	return c.Fail(translator.Corrupt, "", "%d texts were sent and %d answers came", sent, came)
}

// Shuffled tells whether the sizes that a service says its texts have are those
// of the texts that were sent, but of others than they stand beside: then so are
// the translations. It is for answers that bear no other mark of what they answer.
func Shuffled(sent, said []int) bool {
	return !slices.Equal(sent, said) && slices.Equal(slices.Sorted(slices.Values(sent)), slices.Sorted(slices.Values(said)))
}
