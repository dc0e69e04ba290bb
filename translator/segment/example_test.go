package segment_test

import (
	"fmt"
	"strings"

	"dragoman/translator/segment"
)

func ExampleFor() {
	text := "قال د. سامي إن الكلفة بلغت 3.5 مليون. هل تكفي؟ لا أحد يعرف."
	for span := range segment.For("ar")(text) {
		fmt.Println(strings.TrimSpace(text[span.Start:span.End]))
	}
	// Output:
	// قال د. سامي إن الكلفة بلغت 3.5 مليون.
	// هل تكفي؟
	// لا أحد يعرف.
}
