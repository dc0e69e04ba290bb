package translator_test

import (
	"errors"
	"fmt"

	"dragoman/translator"
)

// The same sentence, however it was typed, is one key in memory.
func ExampleTransport() {
	a := translator.Transport(translator.Arabic, "افتُتح  المتحـــف\u200f اليوم.")
	b := translator.Transport(translator.Arabic, "افتُتح المتحف اليوم.")
	fmt.Println(a == b)
	// Output: true
}

// A kind is found through any wrapping, and says how the error is to be dealt with.
func ExampleKindOf() {
	err := fmt.Errorf("story 7: %w", &translator.Error{Op: "google", Kind: translator.Exhausted, Err: errors.New("daily quota")})
	fmt.Println(translator.KindOf(err).Holds(), err)
	// Output: true story 7: google: quota exhausted: daily quota
}
