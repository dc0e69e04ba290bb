package segment_test

import (
	"fmt"

	"dragoman/translator/segment"
)

func ExampleFor() {
	text := "قال د. سامي إن الكلفة بلغت 3.5 مليون. هل تكفي؟ لا أحد يعرف."
	for span := range segment.For("ar")(text) {
		fmt.Println(text[span.Start:span.End])
	}
	// Output:
	// قال د. سامي إن الكلفة بلغت 3.5 مليون.
	// هل تكفي؟
	// لا أحد يعرف.
}
